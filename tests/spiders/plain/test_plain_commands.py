"""Scrapy's commands from a checkout with spiders of its user's: they work as Scrapy's own docs say, and archive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.crawl.attempt import read_outcome_lines
from storage.warc.reader import iter_records
from tests.checkout_copy import CheckoutCopy
from tests.spiders.press import Press

P = "http://paper.test"
SPIDER = '''
import scrapy


class PaperSpider(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    def parse(self, response):
        yield from response.follow_all(css="a.story", callback=self.parse_story)

    def parse_story(self, response):
        """
        @url http://paper.test/a
        @returns items 1
        @scrapes headline
        """
        yield {"headline": response.css("h1::text").get()}

    def parse_other(self, response):
        """
        @url http://paper.test/a
        @returns items 1
        """
'''
CARD = (
    f"{{id: aa-paper, title: Paper, homepage: '{P}/', language: en, spider: paper, allow_private: true, "
    "delay_seconds: 0.01}"
)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckoutCopy]:
    """A newspaper with a spider, beside two modules that cannot be loaded."""
    with Press() as press:
        press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /private/\n")
        press.put(f"{P}/", '<a class="story" href="/a">a</a><a class="story" href="/private/b">b</a>')
        press.put(f"{P}/a", "<h1>A story</h1>")
        copy = CheckoutCopy(tmp_path_factory.mktemp("commands"), demo="1", connect_to=press.connect_to[0])
        (copy.home / "seeds").mkdir(mode=0o700, parents=True)
        (copy.home / "seeds/paper.yaml").write_text(CARD)
        spiders = copy.path / "spiders"
        (spiders / "paper.py").write_text(SPIDER)
        (spiders / "a_torn.py").write_text("class Torn(\n")
        (spiders / "b_leaving.py").write_text("import sys\nsys.exit(3)\n")
        yield copy


def states(spool: Path) -> dict[str, str]:
    """Return how each address but the site's rules ended, in the one attempt of *spool*."""
    (ledger,) = spool.glob("*/*/ledger.jsonl")
    outcomes = {outcome.url: outcome.state for outcome in read_outcome_lines(ledger)}
    recorded = {
        str(record.header("WARC-Target-URI"))
        for warc in ledger.parent.glob("*.warc.gz")
        for record in iter_records(warc)
        if record.type == "response"
    }
    assert recorded == {url for url, state in outcomes.items() if state == "captured"}
    return {url: state for url, state in outcomes.items() if not url.endswith((".txt", ".json"))}


def test_list_names_all_spiders_that_can_be_loaded_and_says_why_others_cannot(checkout: CheckoutCopy) -> None:
    said = checkout.run("scrapy", "list")
    assert said.stdout.split() == ["newspaper", "paper", "survey"]
    assert said.stderr.splitlines() == [
        "spiders.a_torn: spider: spiders/a_torn.py:1: SyntaxError: '(' was never closed",
        "spiders.b_leaving: spider: spiders/b_leaving.py:2: SystemExit: 3",
    ]


def test_crawl_archives_by_the_rules_and_says_what_it_did_not_capture(checkout: CheckoutCopy, tmp_path: Path) -> None:
    items = tmp_path / "items.json"
    spool = tmp_path / "spool"
    said = checkout.run(
        "scrapy", "crawl", "paper", "-a", "source=aa-paper", "-s", f"CRAWL_SPOOL={spool}", "-O", str(items)
    )
    assert said.stdout == ""
    assert states(spool) == {f"{P}/": "captured", f"{P}/a": "captured", f"{P}/private/b": "refused"}
    assert f"not captured url={P}/private/b reason=refused robots" in said.stderr
    assert '{"headline": "A story"}' in items.read_text()
    assert '"item": {"headline": "A story"}' in next(spool.glob("*/*/items.jsonl")).read_text()


def test_fetch_prints_the_page_and_nothing_else(checkout: CheckoutCopy, tmp_path: Path) -> None:
    said = checkout.run("scrapy", "fetch", f"{P}/a", "-s", f"CRAWL_SPOOL={tmp_path}")
    assert said.stdout == "<h1>A story</h1>\n"
    assert states(tmp_path) == {f"{P}/a": "captured"}


def test_fetch_prints_nothing_of_a_page_that_robots_txt_closes(checkout: CheckoutCopy, tmp_path: Path) -> None:
    said = checkout.run("scrapy", "fetch", f"{P}/private/b", "-s", f"CRAWL_SPOOL={tmp_path}")
    assert said.stdout == ""
    assert states(tmp_path) == {f"{P}/private/b": "refused"}


def test_parse_prints_items_and_requests(checkout: CheckoutCopy, tmp_path: Path) -> None:
    where = ("--nolog", "--spider", "paper", "-s", f"CRAWL_SPOOL={tmp_path}")
    said = checkout.run("scrapy", "parse", *where, "-c", "parse_story", f"{P}/a").stdout
    assert "[{'headline': 'A story'}]" in said
    assert states(tmp_path) == {f"{P}/a": "captured"}
    said = checkout.run("scrapy", "parse", *where, f"{P}/").stdout
    assert f"[<GET {P}/a>, <GET {P}/private/b>]" in said


def test_check_runs_contracts_and_names_those_that_fail(checkout: CheckoutCopy) -> None:
    said = checkout.run("scrapy", "check", "paper", status=1)
    assert "FAIL: [paper] parse_other (@returns post-hook)" in said.stderr
    assert "Ran 3 contracts" in said.stderr and "FAILED (failures=1)" in said.stderr
    assert said.stdout == ""


def test_shell_has_the_page_and_gets_no_closed_one(checkout: CheckoutCopy, tmp_path: Path) -> None:
    code = f"(response.css('h1::text').get(), fetch('{P}/private/b'), response)"
    said = checkout.run("scrapy", "shell", "--nolog", "-s", f"CRAWL_SPOOL={tmp_path}", "-c", code, f"{P}/a")
    assert said.stdout == "('A story', None, None)\n"


def test_who_says_not_who_he_is_crawls_nothing_and_is_told(
    checkout: CheckoutCopy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checkout, "settings", {})
    said = checkout.run("scrapy", "crawl", "paper", "-s", f"CRAWL_SPOOL={tmp_path}")
    assert "source failed" in said.stderr and "HEMEROTECA_CONTACT: set it to an address" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_setting_that_is_not_a_spiders_is_refused_as_in_a_night(checkout: CheckoutCopy, tmp_path: Path) -> None:
    setting = '    name = "greedy"\n    custom_settings = {"ROBOTSTXT_OBEY": False}'
    (checkout.path / "spiders/greedy.py").write_text(SPIDER.replace('    name = "paper"', setting))
    said = checkout.run("scrapy", "crawl", "greedy", "-s", f"CRAWL_SPOOL={tmp_path}", status=None)
    (checkout.path / "spiders/greedy.py").unlink()
    assert "a spider may not change these settings: ROBOTSTXT_OBEY" in said.stderr
    assert not any(tmp_path.iterdir())


def test_genspider_writes_where_spiders_are_found(checkout: CheckoutCopy) -> None:
    checkout.run("scrapy", "genspider", "generated", "paper.test")
    assert "generated" in checkout.run("scrapy", "list").stdout.split()
    (checkout.path / "spiders/generated.py").unlink()
