"""The test pages of two other projects: each gives a document or an error, with the title and the day of its gold."""

from __future__ import annotations

import gzip
from typing import Any, NamedTuple

import pytest

from benchmarks.extraction.metadata_scores import fold
from hemeroteca.extraction.article import extract_page
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError
from tests.extraction.pages import page
from tests.shared import SUITES, CountCases, needs_shared, read_cases

pytestmark = needs_shared


class Gold(NamedTuple):
    title: str | None
    published: str | None


def fundus(case: dict[str, Any]) -> Gold:
    return Gold(case["title"], case["publishing_date"])


def readability(case: dict[str, Any]) -> Gold:
    return Gold(case["metadata"].get("title"), case["metadata"].get("publishedTime"))


def read(suite: str, case: dict[str, Any]) -> CleanText | None:
    body = gzip.decompress((SUITES / suite / case["file"]).read_bytes())
    try:
        return extract_page(page(body, "text/html", case.get("url", "http://paper.test/story")))
    except NoMainTextError:
        return None


@pytest.mark.parametrize(
    ("suite", "gold_of", "titles"), [("news-pages-fundus", fundus, 0.75), ("news-pages-readability", readability, 0.6)]
)
def test_a_page_gives_its_text_title_and_day(suite: str, gold_of: Any, titles: float, count_cases: CountCases) -> None:
    """The golds of titles differ: with the section's or the newspaper's name, or without."""
    cases = read_cases(f"{suite}/cases")
    answers = [(gold_of(case), read(suite, case)) for case in cases]
    with_text = [answer for _, answer in answers if answer and answer.text]
    assert len(with_text) > 0.95 * len(cases)
    named = [fold(answer.title) == fold(gold.title) for gold, answer in answers if gold.title and answer]
    assert sum(named) >= titles * len(named) > 0
    dated = [
        (answer.published or "")[:10] == gold.published[:10] for gold, answer in answers if gold.published and answer
    ]
    assert sum(dated) >= 0.94 * len(dated) > 0
    count_cases(f"{suite}/cases", len(cases), f"titles {sum(named)} of {len(named)}, days {sum(dated)} of {len(dated)}")
