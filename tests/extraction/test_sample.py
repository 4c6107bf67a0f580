"""The users' sample, laid out as three pages: what their documents hold, exactly.

The text is a third party's: it is read from the shared folder, and nothing of it stands here.
"""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import Any

import pytest

from hemeroteca.extraction.article import extract_page
from storage.model.document import CleanText
from tests.extraction.pages import page
from tests.shared import SHARED, CountCases, needs_shared

SAMPLE = SHARED / "sample"
LAYOUTS = ("bare", "wordpress", "wordpress-dated")

pytestmark = needs_shared


@functools.cache
def gold() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((SAMPLE / "gold.json").read_text())
    return found


@functools.cache
def document(layout: str) -> CleanText:
    body = (SAMPLE / f"{layout}.html").read_bytes()
    return extract_page(page(body, "text/html", "https://sample.hemeroteca.test/story"))


def expected_text() -> str:
    return "\n".join([gold()["standfirst"], *gold()["paragraphs"]])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_title_is_the_gold(layout: str) -> None:
    assert document(layout).title == gold()["title"]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_standfirst_is_the_gold_and_begins_the_text(layout: str) -> None:
    assert document(layout).standfirst == gold()["standfirst"]
    assert document(layout).text.startswith(gold()["standfirst"])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_text_is_the_standfirst_and_the_paragraphs_and_nothing_else(layout: str, count_cases: CountCases) -> None:
    assert document(layout).text == expected_text()
    count_cases("sample", 1)


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
