"""``make eval-quality``: which quality flags the shared pages get, and how well ``list_page`` finds lists.

Pages of the set ``wcxb_other`` are listings, collections and forums; all others count as articles.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from benchmarks.extraction.metadata_scores import SHARED, read_case_page
from hemeroteca.extraction.article import extract_page
from storage.model.errors import NoMainTextError

LISTS = "wcxb_other"
NEWS = ("aeb", "fundus_eval", "fundus_tests", "wcxb")


def main() -> None:
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: no shared test data")
    pages = list(_flagged())
    by_set: dict[str, Counter[str]] = defaultdict(Counter)
    for name, _, flags in pages:
        by_set[name].update(["pages", *flags])
    for name, counts in by_set.items():
        print(f"{name:14}", "  ".join(f"{flag} {count}" for flag, count in counts.most_common()))
    for part in ("develop", "report"):
        here = [(name == LISTS, "list_page" in flags, name in NEWS) for name, place, flags in pages if place == part]
        right = sum(is_list and flagged for is_list, flagged, _ in here)
        wrong_news = sum(flagged and news for _, flagged, news in here)
        precision = right / max(1, sum(flagged for _, flagged, _ in here))
        recall = right / max(1, sum(is_list for is_list, _, _ in here))
        print(f"list_page {part}: precision {precision:.2f}, recall {recall:.2f}, {wrong_news} news pages flagged")


def _flagged() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield the set, the part (as in ``score.py --part``) and the flags of each page."""
    place = SHARED / "eval"
    for row in map(json.loads, (place / "manifest.jsonl").read_text().splitlines()):
        host = row["host"] or row["id"]
        part = "report" if int(hashlib.sha256(host.encode()).hexdigest(), 16) % 3 == 0 else "develop"
        try:
            yield row["set"], part, extract_page(read_case_page(place / row["html"], row["url"])).quality_flags
        except NoMainTextError as error:
            yield row["set"], part, (f"none: {error.reason}",)


if __name__ == "__main__":
    main()
