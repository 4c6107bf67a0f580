"""Titles, authors and dates of real pages against their gold, with scores that rules must not fall below."""

from __future__ import annotations

import functools

from benchmarks.extraction.metadata_scores import Scores, read_dated_cases, read_eval_cases, read_ours, score_cases
from tests.shared import CountCases, needs_shared

SETS = ("fundus_tests", "wcxb", "traf_eval")
"""News, and pages of many kinds; `make eval-metadata` reads the blogs too."""

pytestmark = needs_shared


@functools.cache
def scores() -> Scores:
    cases = [case for case in read_eval_cases() if case.set in SETS]
    return score_cases([*cases, *read_dated_cases()], read_ours)[0]


def share(field: str, *sets: str) -> float:
    right = [one for name in sets for one in scores()[field][name]]
    print(f"{field} {'+'.join(sets)}: {sum(right) / len(right):.3f} of {len(right)}")
    return sum(right) / len(right)


def test_titles_are_those_of_the_gold(count_cases: CountCases) -> None:
    count_cases("eval", sum(len(scores()["title"][name]) for name in SETS), "titles")
    assert share("title", *SETS) >= 0.85


def test_authors_are_exactly_those_of_the_gold() -> None:
    assert share("authors", "fundus_tests", "wcxb") >= 0.85
    assert share("authors", *SETS) >= 0.75


def test_days_are_those_of_the_gold(count_cases: CountCases) -> None:
    count_cases("news-dates-mediacloud/cases", len(scores()["date"]["mediacloud"]))
    assert share("date", "fundus_tests", "wcxb") >= 0.96
    assert share("date", "mediacloud") >= 0.9
