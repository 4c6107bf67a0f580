"""``hemeroteca sources new``: what it writes is a Scrapy spider and a card that work at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hemeroteca.archive.sources import new_spider
from hemeroteca.configuration import Settings
from hemeroteca.demo import Newspapers
from hemeroteca.home import Home
from spiders.crawl.attempt import read_outcome_lines
from storage.files import PRIVATE_FOLDER
from tests.checkout_copy import CheckoutCopy
from tests.seeds.cards import read_card

HOME = "http://courier.hemeroteca.test/"
TEMPLATES = ("basic", "crawl", "sitemap")


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CheckoutCopy]:
    """A checkout with a newspaper of each template."""
    with Newspapers(night=datetime.now(UTC).date()) as newspapers:
        copy = CheckoutCopy(tmp_path_factory.mktemp("new"), demo="1", connect_to=newspapers.connect_to)
        for template in TEMPLATES:
            said = copy.run("hemeroteca", "sources", "new", f"my_{template}", "--template", template, "--url", HOME)
            assert said.stdout == f"spiders/my_{template}.py\n{copy.home}/seeds/my-{template}.yaml\n"
        yield copy


def spooled(checkout: CheckoutCopy, source_id: str) -> set[Path]:
    """Return the attempts of Scrapy's commands at a source."""
    return set((checkout.path / ".hemeroteca/scrapy").glob(f"{source_id}-*-manual-*/*"))


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_written_crawls_the_newspapers_stories(checkout: CheckoutCopy, template: str) -> None:
    before = spooled(checkout, f"my-{template}")  # `scrapy check` leaves one too
    done = checkout.run("scrapy", "crawl", f"my_{template}")
    (attempt,) = spooled(checkout, f"my-{template}") - before
    found = {outcome.url: outcome for outcome in read_outcome_lines(attempt / "ledger.jsonl")}
    stories = [url for url, one in found.items() if one.purpose == "article" and one.state == "captured"]
    assert len([url for url in stories if "/20" in url]) >= 10, done.stderr
    items = (attempt / "items.jsonl").read_text()
    assert items.count('"headline": "') >= 10
    assert "callback_error" not in {one.reason for one in found.values()}


def test_scrapy_knows_them_and_their_contracts_hold(checkout: CheckoutCopy) -> None:
    names = checkout.run("scrapy", "list").stdout.split()
    assert {f"my_{template}" for template in TEMPLATES} <= set(names)
    for template in TEMPLATES:
        said = checkout.run("scrapy", "check", f"my_{template}")
        assert "Ran 2 contracts" in said.stderr and "OK" in said.stderr


def test_the_card_is_right_and_switched_off(checkout: CheckoutCopy) -> None:
    card = read_card(checkout.home / "seeds/my-crawl.yaml")
    assert (card.id, card.spider, card.homepage, card.hosts, card.enabled) == (
        "my-crawl",
        "my_crawl",
        HOME,
        ("courier.hemeroteca.test",),
        False,
    )
    assert "cards are right" in checkout.run("hemeroteca", "sources", "check").stdout


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("my_basic", "my-basic is taken"),
        ("newspaper", "newspaper is taken"),
        ("demo_faro", "demo-faro is taken"),
        ("plain", "plain is taken"),
        ("class", "must be a Python module's"),
        ("My-paper", "must be a Python module's"),
        ("double__name", "must be a Python module's"),
    ],
)
def test_a_name_that_is_taken_or_no_modules_is_refused_in_one_line(
    checkout: CheckoutCopy, name: str, reason: str
) -> None:
    before = sorted(Path(checkout.path / "spiders").iterdir()), sorted((checkout.home / "seeds").iterdir())
    said = checkout.run("hemeroteca", "sources", "new", name, status=2)
    assert reason in said.stderr and len(said.stderr.splitlines()) == 1
    assert before == (sorted(Path(checkout.path / "spiders").iterdir()), sorted((checkout.home / "seeds").iterdir()))


def test_no_spider_is_left_where_its_card_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "spiders").mkdir()
    (tmp_path / "home").mkdir(mode=PRIVATE_FOLDER)
    (tmp_path / "home/seeds").write_text("a file, where the cards' folder should be")
    monkeypatch.setattr(new_spider, "CHECKOUT", tmp_path)
    with pytest.raises(FileExistsError):
        new_spider.write_newspaper(Settings(home=Home(tmp_path / "home"), demo=True), "my_paper", "basic", HOME)
    assert list((tmp_path / "spiders").iterdir()) == []
