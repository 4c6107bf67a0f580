"""Rules for robots.txt that nobody here wrote: Google's parser and tests, Protego's tests, real files."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from spiders.policy.robots_txt import CrawlerRules, RobotsTxt

SUITE = Path(os.environ.get("HEMEROTECA_SHARED", "../shared")) / "suites" / "robots"
pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason="no shared test data")

INDEX_HTML = "https://www.toyoko-inn.com/corporation/"
"""Google alone takes an Allow of index.html for one of its folder too."""


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SUITE / name).open()]


def test_rules_are_read_as_the_rfc_has_them() -> None:
    wrong = []
    cases = [row for row in rows("allow.jsonl") if not row.get("google_only") and not row.get("contested")]
    for row in cases:
        body = base64.b64decode(row["robots_txt_b64"]) if "robots_txt_b64" in row else row["robots_txt"].encode()
        if RobotsTxt(body).rules_for(row["user_agent"]).allow(row["url"]) != row["allowed"]:
            wrong.append(row["id"])
    print(f"suite robots/allow: {len(cases)} cases")
    assert wrong == []


def test_a_url_that_nobody_escaped_is_the_one_that_the_rule_means() -> None:
    (asked,) = [row for row in rows("allow.jsonl") if row["id"] == "protego-295"]
    assert RobotsTxt(asked["robots_txt"].encode()).rules_for(asked["user_agent"]).allow(asked["url"])


def test_crawl_delays_are_those_of_our_group() -> None:
    for row in rows("other_directives.jsonl"):
        if row["method"] == "crawl_delay":
            found = RobotsTxt(row["robots_txt"].encode()).rules_for(row["args"][0]).crawl_delay_seconds
            assert found == (row["result"] or 0.0), row["id"]


def test_real_files_are_read_as_google_reads_them() -> None:
    cases = rows("real_allow.jsonl")
    read: dict[tuple[str, str], CrawlerRules] = {}
    wrong = []
    for row in cases:
        key = row["file"], row["user_agent"]
        if key not in read:
            read[key] = RobotsTxt((SUITE / row["file"]).read_bytes()).rules_for(row["user_agent"])
        if read[key].allow(row["url"]) != row["allowed"]:
            wrong.append(row["url"])
    print(f"suite robots/real_allow: {len(cases)} cases")
    assert wrong == [INDEX_HTML]
