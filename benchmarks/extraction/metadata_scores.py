"""``make eval-metadata``: how titles, authors and dates of the shared pages score, beside two libraries.

Titles and names are compared as by ``../shared/eval/score.py --meta``, dates by their day. On the suite
``news-dates-mediacloud`` our dates are compared with htmldate's.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from htmldate import find_date
from lxml.html import HtmlElement
from trafilatura.metadata import extract_metadata

from hemeroteca.configuration import CHECKOUT
from hemeroteca.extraction.metadata.article_metadata import read_metadata
from hemeroteca.extraction.metadata.title import read_title
from hemeroteca.extraction.page.markup import read_markup
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.page.tree import parse_page

SHARED = Path(os.environ.get("HEMEROTECA_SHARED", CHECKOUT.parent / "shared"))
FETCHED = datetime(2026, 11, 24, tzinfo=UTC)
NEWS = ("fundus_tests", "wcxb")


class Case(NamedTuple):
    """A page and its gold metadata; a field without gold is None."""

    set: str
    page: Page
    title: str | None
    date: str | None
    authors: list[str] | None


class FoundMetadata(NamedTuple):
    title: str | None
    date: str | None
    authors: list[str]
    days_of_change: frozenset[str] = frozenset()


Scores = dict[str, dict[str, list[bool]]]
"""By field and set, whether each page is right."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Score metadata on the shared pages.")
    parser.add_argument("--alone", action="store_true", help="without the two libraries, which take most of the time")
    options = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: no shared test data")
    cases = [*read_eval_cases(), *read_dated_cases()]
    ours, seconds = score_cases(cases, read_ours)
    theirs = {} if options.alone else score_cases(cases, read_theirs)[0]
    for field in ("title", "authors", "date"):
        print(f"{field:28} {'pages':>6} {'ours':>6}" + ("" if options.alone else f" {'theirs':>6}"))
        for name, right in {**ours[field], **_pooled(ours[field])}.items():
            line = f"{field + '@' + name:28} {len(right):6} {_share(right):6.3f}"
            other = {**theirs[field], **_pooled(theirs[field])}.get(name) if theirs else None
            print(line + (f" {_share(other):6.3f}" if other else ""))
    print(f"RATIO metadata_ms_per_page {1000 * seconds / len(cases):.2f}")
    for field in ("title", "authors", "date"):
        print(f"RATIO metadata_{field}_pooled {_share(_pooled(ours[field])['pooled']):.4f}")
    print_days(ours)


def print_days(ours: Scores) -> None:
    """Print the share of days that are right, wrong and empty; once more without pages whose gold is a day of change.

    Those are pages that state another day for their publication, and the gold's day for a change.
    """
    days, without, change = (
        [one for by_set in ours[name].values() for one in by_set] for name in ("date", "empty_date", "gold_is_change")
    )
    right, empty = _share(days), _share(without)
    print(f"RATIO metadata_day_right {right:.4f}")
    print(f"RATIO metadata_day_wrong {1 - right - empty:.4f}")
    print(f"RATIO metadata_day_empty {empty:.4f}")
    left = len(days) - sum(change)
    right, empty = sum(days) / left, sum(without) / left
    print(
        f"without the {sum(change)} pages whose gold is the day of change: "
        f"right {right:.4f}, wrong {1 - right - empty:.4f}, empty {empty:.4f}"
    )


def read_eval_cases() -> Iterator[Case]:
    """Yield the pages of ``eval`` whose gold has a title, a date or authors."""
    place = SHARED / "eval"
    for row in map(json.loads, (place / "manifest.jsonl").read_text().splitlines()):
        gold = json.loads((place / row["gold"]).read_text())
        if row["has_title"] or row["has_date"] or row["has_authors"]:
            authors = _flat(gold.get("authors")) if row["has_authors"] else None
            page = read_case_page(place / row["html"], row["url"])
            yield Case(row["set"], page, gold.get("title"), gold.get("date") if row["has_date"] else None, authors)


def read_dated_cases() -> Iterator[Case]:
    """Yield the dated pages of the suite ``news-dates-mediacloud``."""
    place = SHARED / "suites" / "news-dates-mediacloud"
    for row in map(json.loads, (place / "cases.jsonl").read_text().splitlines()):
        if isinstance(row["date"], str):
            yield Case("mediacloud", read_case_page(place / row["file"], row["url"]), None, row["date"], None)


def score_cases(
    cases: Iterable[Case], read_metadata_of: Callable[[Case, HtmlElement, str], FoundMetadata]
) -> tuple[Scores, float]:
    """Return which pages are right, and the CPU seconds that reading took, without parsing."""
    scores: Scores = defaultdict(lambda: defaultdict(list))
    seconds = 0.0
    for case in cases:
        parsed = parse_page(case.page)
        start = time.process_time()
        found = read_metadata_of(case, parsed.tree, parsed.source)
        seconds += time.process_time() - start
        if case.title:
            scores["title"][case.set].append(fold(case.title) == fold(found.title))
        if case.authors:
            scores["authors"][case.set].append(_names(case.authors) == _names(found.authors))
        if case.date:
            right = case.date[:10] == (found.date or "")[:10]
            scores["date"][case.set].append(right)
            scores["empty_date"][case.set].append(not found.date)
            is_change = bool(found.date) and not right and case.date[:10] in found.days_of_change
            scores["gold_is_change"][case.set].append(is_change)
    return scores, seconds


def read_ours(case: Case, tree: HtmlElement, source: str) -> FoundMetadata:
    markup = read_markup(tree, case.page.url)
    found = read_metadata(markup, read_title(markup), [], FETCHED)
    changed = frozenset(one.value[:10] for one in found.candidates if one.field == "modified")
    return FoundMetadata(found.title, found.published, list(found.authors), changed)


def read_theirs(case: Case, tree: HtmlElement, source: str) -> FoundMetadata:
    """Return trafilatura's metadata, or htmldate's date for the suite of dates."""
    if case.set == "mediacloud":
        return FoundMetadata(None, find_date(source, url=case.page.url, original_date=True, extensive_search=True), [])
    found = extract_metadata(source, default_url=case.page.url)
    names = [name.strip() for name in (found.author or "").split(";")] if found else []
    return (
        FoundMetadata(found.title, found.date, [name for name in names if name])
        if found
        else FoundMetadata(None, None, [])
    )


def fold(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text or "").lower()))


def _names(names: list[str]) -> set[frozenset[str]]:
    parts = re.split(r"\s*(?:;|,|\band\b|&)\s*", "; ".join(names))
    return {frozenset(fold(part).split()) for part in parts if fold(part)}


def _flat(names: Any) -> list[str]:
    return [one for name in names or [] for one in (_flat(name) if isinstance(name, list) else [str(name)])]


def read_case_page(file: Path, url: str) -> Page:
    return Page(gzip.decompress(file.read_bytes()), "text/html", url, FETCHED)


def _pooled(by_set: dict[str, list[bool]]) -> dict[str, list[bool]]:
    """Return the sets of ``eval`` together, and the two sets with exact gold of news."""
    pooled = {"pooled": [one for name, right in by_set.items() if name != "mediacloud" for one in right]}
    news = [one for name in NEWS for one in by_set.get(name, [])]
    return {"+".join(NEWS): news, **pooled}


def _share(right: list[bool]) -> float:
    return sum(right) / len(right) if right else 0.0


if __name__ == "__main__":
    main()
