"""``make eval-memory``: what a site memory gains, on the hosts with three or more real pages.

Each page is read by a model that never saw its host, without memory and then with a memory learned from the host's
other pages. With the archive's thresholds nothing is learned from three pages; the rows with lower thresholds show what
the recurring lines are. Pages are those of ``eval`` and of ``suites/news-pages-fundus``, each address once.
"""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from benchmarks.extraction.confidence_curve import aggregate, match
from benchmarks.extraction.gold_pages import FETCHED, SHARED, read_gold_pages
from hemeroteca.extraction import recurring_lines
from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.block_model.host_folds import find_fold_of_url
from hemeroteca.extraction.page.served_page import Page
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError
from storage.model.remembered import RememberedPage

SUITE = SHARED / "suites/news-pages-fundus"
FEWEST_PAGES = 3
NIGHT = date(2026, 11, 24)
SAMPLES = 2_000
MOSTLY_ON_PAGE = 0.9
"""Share of the gold's paragraphs that are in the page; with less, scripts put the page together."""

Scores = tuple[float, float, float]


class Case(NamedTuple):
    """A page, its fold, its gold text (None: only to learn from), and its document without memory."""

    page: Page
    fold: int
    gold: str | None
    plain: CleanText


class Pair(NamedTuple):
    """The scores of one page without and with memory, and the lines that were dropped because of it."""

    host: str
    before: Scores
    after: Scores
    dropped: tuple[str, ...]


def main() -> None:
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: no shared test data")
    hosts = {host: cases for host, cases in _by_host().items() if len(cases) >= FEWEST_PAGES}
    pages = [case for cases in hosts.values() for case in cases]
    print(
        f"{len(hosts)} hosts, {len(pages)} pages, {sum(case.gold is not None for case in pages)} of them with gold text"
    )
    print(
        f"{'a line must stand on':<34} {'n':>4} {'F1':>7} {'with':>7} {'interval':>18} {'equal':>6} {'with':>6} dropped"
    )
    own = recurring_lines.MIN_PAGES, recurring_lines.MIN_PAGES_OF_SENTENCE
    _print(f"{own[0]} other pages (a sentence: {own[1]})", _pairs(hosts, *own))
    _print("2 other pages, sentences too", _pairs(hosts, 2, 2))
    _print("1 other page, sentences too", _pairs(hosts, 1, 1), show=True)


def _by_host() -> dict[str, list[Case]]:
    hosts: dict[str, list[Case]] = defaultdict(list)
    wanted: dict[str, list[tuple[Page, str | None]]] = defaultdict(list)
    for page, gold in _pages():
        wanted[_host(page.url)].append((page, gold))
    for host, found in wanted.items():
        for page, gold in found if host and len(found) >= FEWEST_PAGES else ():
            fold = find_fold_of_url(page.url)
            try:
                hosts[host].append(Case(page, fold, gold, extract_page(page, fold)))
            except NoMainTextError:
                continue
    return hosts


def _pages() -> Iterator[tuple[Page, str | None]]:
    seen = set()
    for gold in read_gold_pages():
        seen.add(gold.page.url)
        yield gold.page, gold.text
    for row in map(json.loads, (SUITE / "cases.jsonl").read_text().splitlines()):
        if row["url"] not in seen and row["check"]["in_dom_text"] >= MOSTLY_ON_PAGE:
            seen.add(row["url"])
            body = gzip.decompress((SUITE / row["file"]).read_bytes())
            yield Page(body, "text/html", row["url"], FETCHED), _body(row["body"])


def _body(body: dict[str, Any]) -> str:
    sections = (line for section in body["sections"] for line in (*section["headline"], *section["paragraphs"]))
    return "\n".join([*body["summary"], *sections])


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _pairs(hosts: dict[str, list[Case]], fewest: int, fewest_of_sentences: int) -> list[Pair]:
    recurring_lines.MIN_PAGES, recurring_lines.MIN_PAGES_OF_SENTENCE = fewest, fewest_of_sentences
    pairs = []
    for host, cases in sorted(hosts.items()):
        texts = [_remember(case) for case in cases]
        for place, case in enumerate(cases):
            if case.gold is None:
                continue
            own = texts[place]
            others = [one for one in texts if one.page != own.page and one.story != own.story]
            known = recurring_lines.learn_site_memory(recurring_lines.keep_newest_pages(others, NIGHT))
            found = _read_again(case, known)
            scores = match(case.gold, case.plain.text), match(case.gold, found.text)
            pairs.append(Pair(host, *scores, found.repeated))
    return pairs


def _remember(case: Case) -> RememberedPage:
    lines = recurring_lines.list_learnable_lines(case.plain) or [case.plain.text]
    return recurring_lines.remember_page(case.page.url, lines, NIGHT)


def _read_again(case: Case, known: recurring_lines.SiteMemory | None) -> CleanText:
    if known is None or not known.find_for_page(case.page.url).lines:
        return case.plain
    return extract_page(case.page._replace(memory=known.find_for_page(case.page.url)), case.fold)


def _print(name: str, pairs: list[Pair], show: bool = False) -> None:
    before, after = (aggregate([getattr(pair, which) for pair in pairs])["f1"] for which in ("before", "after"))
    low, high = np.percentile(_differences(pairs), (2.5, 97.5))
    equal = [np.mean([getattr(pair, which)[1:] == (0, 0) for pair in pairs]) for which in ("before", "after")]
    lines = sum(len(pair.dropped) for pair in pairs)
    figures = f"{before:7.4f} {after:7.4f} {low:+9.4f}{high:+9.4f} {equal[0]:6.3f} {equal[1]:6.3f}"
    print(f"{name:<34} {len(pairs):4} {figures} {lines} lines of {sum(bool(pair.dropped) for pair in pairs)} pages")
    for pair in pairs if show else ():
        for line in pair.dropped:
            print(f"  {pair.host}: {line[:90]}")


def _differences(pairs: list[Pair]) -> list[float]:
    """Return the changes of F1 by memory, over samples of the hosts drawn with replacement."""
    by_host: dict[str, list[Pair]] = defaultdict(list)
    for pair in pairs:
        by_host[pair.host].append(pair)
    random = np.random.default_rng(0)
    found = []
    for _ in range(SAMPLES):
        drawn = [
            pair for place in random.integers(0, len(by_host), len(by_host)) for pair in list(by_host.values())[place]
        ]
        found.append(aggregate([pair.after for pair in drawn])["f1"] - aggregate([pair.before for pair in drawn])["f1"])
    return found


if __name__ == "__main__":
    main()
