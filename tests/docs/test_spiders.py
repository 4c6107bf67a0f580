"""The page about spiders: its session is typed as a reader would type it, in a checkout of its own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import NamedTuple

import pytest

from docs.code_map import ROOT
from hemeroteca.demo import Newspapers
from storage.model.outcome import FAILED, REFUSED, SKIPPED
from tests.checkout_copy import CheckoutCopy
from tests.docs.examples import Step, blocks, steps

PAGE = (ROOT / "docs/spiders.md").read_text(encoding="utf-8")
MODULE = "spiders/vale_courier.py"
STEPS = steps(PAGE)
NOT_A_SPIDERS = {
    "other_night",
    "too_old",
    "parser_limit",
    "redirects",
    "interrupted",
    "not_a_feed",
    "redirect_loop",
}
"""Reasons that a reader of the page needs not know."""


class Typed(NamedTuple):
    """A step, and what it printed."""

    step: Step
    output: str


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What each command of the page printed, typed one after another."""
    (spider,) = [block.body for block in blocks(PAGE) if block.note == MODULE]
    with Newspapers(night=datetime.now(UTC).date()) as newspapers:
        checkout = CheckoutCopy(tmp_path_factory.mktemp("reader"), demo="1", connect_to=newspapers.connect_to)
        typed: dict[str, str] = {}
        for step in STEPS:
            if step.command.startswith(("python -m hemeroteca.demo", "export ")):
                continue  # the newspapers are served here, on a free port
            typed[step.command] = checkout.run("bash", "-c", step.command).stdout
            if (checkout.path / MODULE).exists():
                (checkout.path / MODULE).write_text(spider)
        yield typed


def said(session: dict[str, str], beginning: str) -> str:
    (found,) = [output for command, output in session.items() if command.startswith(beginning)]
    return found


def test_the_spider_has_fifteen_lines() -> None:
    (spider,) = [block.body for block in blocks(PAGE) if block.note == MODULE]
    assert len(spider.splitlines()) <= 15


def test_every_block_is_typed() -> None:
    kinds = {(block.language, block.note) for block in blocks(PAGE)}
    assert kinds == {("console", ""), ("python", MODULE)}


def test_the_session_goes_from_a_card_to_items(session: dict[str, str]) -> None:
    assert said(session, "hemeroteca sources new").startswith(MODULE)
    assert said(session, "scrapy fetch").startswith("<!DOCTYPE html>")
    assert "<GET http://courier.hemeroteca.test/features/" in said(session, "scrapy parse")
    assert "cards are right" in said(session, "hemeroteca sources check")
    assert re.search(r"^vale-courier", said(session, "hemeroteca crawl"), re.MULTILINE)
    assert len(said(session, "hemeroteca ls").splitlines()) == 3
    assert len(said(session, "hemeroteca get").split()) > 100
    assert said(session, "hemeroteca items").count('"headline": "') == 3
    assert "is enabled" in said(session, "hemeroteca sources enable")


def test_the_table_of_outcomes_knows_every_reason_that_a_spider_can_meet() -> None:
    table = PAGE[PAGE.index("## What happens to a request") : PAGE.index("## Limits")]
    told = set(re.findall(r"\w+", " ".join(re.findall(r"^\| ([^|]+) \|", table, re.MULTILINE))))
    assert (REFUSED | SKIPPED | FAILED) - told == NOT_A_SPIDERS


def test_the_page_names_the_fields_and_settings_that_there_are() -> None:
    from spiders.plain.allowed_settings import _ALLOWED

    settings = PAGE[PAGE.index("## Settings") : PAGE.index("Any other setting, such as")]
    named = [name.replace("…", "X") for name in re.findall(r"`([A-Z_]+…?)`", settings) if name != "CRAWL_SPOOL"]
    assert len(named) >= 15
    assert [name for name in named if not _ALLOWED.fullmatch(name)] == []
