"""Rules for robots.txt that nobody here wrote: Google's parser and tests, Protego's tests, real files."""

from __future__ import annotations

import base64

from spiders.policy.robots_txt import CrawlerRules, RobotsTxt
from tests.shared import SUITES, CountCases, needs_shared, read_cases

pytestmark = needs_shared

INDEX_HTML = "https://www.toyoko-inn.com/corporation/"
"""Google alone takes an Allow of index.html for one of its folder too."""


def test_rules_are_read_as_the_rfc_has_them(count_cases: CountCases) -> None:
    wrong = []
    cases = [row for row in read_cases("robots/allow") if not row.get("google_only") and not row.get("contested")]
    for row in cases:
        body = base64.b64decode(row["robots_txt_b64"]) if "robots_txt_b64" in row else row["robots_txt"].encode()
        if RobotsTxt(body).find_rules(row["user_agent"]).allow(row["url"]) != row["allowed"]:
            wrong.append(row["id"])
    count_cases("robots/allow", len(cases))
    assert wrong == []


def test_a_url_that_nobody_escaped_is_the_one_that_the_rule_means() -> None:
    (asked,) = [row for row in read_cases("robots/allow") if row["id"] == "protego-295"]
    assert RobotsTxt(asked["robots_txt"].encode()).find_rules(asked["user_agent"]).allow(asked["url"])


def test_crawl_delays_are_those_of_our_group(count_cases: CountCases) -> None:
    cases = [row for row in read_cases("robots/other_directives") if row["method"] == "crawl_delay"]
    for row in cases:
        found = RobotsTxt(row["robots_txt"].encode()).find_rules(row["args"][0]).crawl_delay_seconds
        assert found == (row["result"] or 0.0), row["id"]
    count_cases("robots/other_directives", len(cases))


def test_real_files_are_read_as_google_reads_them(count_cases: CountCases) -> None:
    cases = read_cases("robots/real_allow")
    read: dict[tuple[str, str], CrawlerRules] = {}
    wrong = []
    for row in cases:
        key = row["file"], row["user_agent"]
        if key not in read:
            read[key] = RobotsTxt((SUITES / "robots" / row["file"]).read_bytes()).find_rules(row["user_agent"])
        if read[key].allow(row["url"]) != row["allowed"]:
            wrong.append(row["url"])
    count_cases("robots/real_allow", len(cases))
    assert wrong == [INDEX_HTML]
