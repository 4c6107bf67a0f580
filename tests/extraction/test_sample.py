"""The users' sample: what is wrong with its documents today, exactly, and what they must become.

The text is a third party's: it is read from the shared folder, and nothing of it stands here.
"""

from __future__ import annotations

import functools
import json
import os
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.extraction.article import extract_payload
from hemeroteca.settings import CHECKOUT
from storage.model.document import CleanText
from tests.extraction.pages import page

SAMPLE = Path(os.environ.get("HEMEROTECA_SHARED", CHECKOUT.parent / "shared")) / "sample"
LAYOUTS = ("bare", "wordpress", "wordpress-dated")
MARKED = ("wordpress", "wordpress-dated")

pytestmark = pytest.mark.skipif(not SAMPLE.exists(), reason="no shared test data")


@functools.cache
def gold() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLE / "gold.json").read_text())
    return found


@functools.cache
def document(layout: str) -> CleanText:
    payload = (SAMPLE / f"{layout}.html").read_bytes()
    return extract_payload(page(payload, "text/html", "https://sample.hemeroteca.test/story"))


def expected_text() -> str:
    return "\n".join([gold()["standfirst"], *gold()["paragraphs"]])


def wrong_lines(layout: str) -> list[str]:
    """Return the lines of the document that the gold does not have, in order."""
    right = set(expected_text().split("\n"))
    return [line for line in document(layout).text.split("\n") if line not in right]


def kinds(lines: list[str]) -> list[str]:
    """Name each wrong line: by what the gold says must not appear in it, or as a caption."""
    unwanted = [*gold()["must_not_appear"], *(caption["text"] for caption in gold()["captions"])]
    names = [
        "date",
        "related",
        "also read",
        "passports",
        "search order",
        "criteria",
        "trust",
        "more",
        "reply",
        "e-mail",
    ]
    named = dict(zip(unwanted, [*names, "caption"], strict=True))
    return ["+".join(name for text, name in named.items() if text in line) for line in lines]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_paragraph_is_there_today_verbatim_and_in_order(layout: str) -> None:
    lines = document(layout).text.split("\n")
    assert [line for line in lines if line in gold()["paragraphs"]] == gold()["paragraphs"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_title_is_right_today_and_not_in_the_text(layout: str) -> None:
    assert document(layout).title == gold()["title"]
    assert gold()["title"] not in document(layout).text


def test_today_the_bare_page_keeps_these_wrong_lines() -> None:
    assert kinds(wrong_lines("bare")) == [
        "caption", "related", "also read+passports", "also read+search order", "criteria", "reply", "e-mail",
    ]  # fmt: skip


@pytest.mark.parametrize("layout", MARKED)
def test_today_the_marked_up_pages_keep_one_wrong_line(layout: str) -> None:
    assert kinds(wrong_lines(layout)) == ["criteria"]


def test_today_only_the_bare_page_gives_its_standfirst() -> None:
    assert {layout: bool(document(layout).standfirst) for layout in LAYOUTS} == {
        "bare": True,
        "wordpress": False,
        "wordpress-dated": False,
    }


later = pytest.mark.xfail(strict=True, reason="trafilatura alone does not do it")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_title_is_the_gold(layout: str) -> None:
    assert document(layout).title == gold()["title"]


@pytest.mark.parametrize("layout", ["bare", *(pytest.param(layout, marks=later) for layout in MARKED)])
def test_the_standfirst_is_the_gold_and_begins_the_text(layout: str) -> None:
    assert document(layout).standfirst == gold()["standfirst"]
    assert document(layout).text.startswith(gold()["standfirst"])


@later
@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_text_is_the_standfirst_and_the_paragraphs_and_nothing_else(layout: str) -> None:
    assert document(layout).text == expected_text()


@later
@pytest.mark.parametrize("layout", LAYOUTS)
def test_nothing_appears_that_must_not(layout: str) -> None:
    assert [text for text in gold()["must_not_appear"] if text in document(layout).text] == []


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_date_is_the_articles_own_or_none_with_the_reason(layout: str) -> None:
    expected = gold()["published"]
    if layout in expected:
        assert datetime.fromisoformat(document(layout).published or "") == datetime.fromisoformat(expected[layout])
    else:
        assert (document(layout).published, document(layout).published_known) == (None, expected["reason"])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_caption_stands_apart_with_its_credit(layout: str) -> None:
    shown = [{"text": image.caption, "credit": image.credit} for image in document(layout).images]
    assert shown == gold()["captions"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_residue_of_translation_is_flagged_and_still_in_the_text(layout: str) -> None:
    assert list(document(layout).residue) == gold()["translation_residue"]
    assert all(fragment in document(layout).text for fragment in gold()["translation_residue"])
