"""Which cleaning is current, and what gave no document in it."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from storage.kept import CleaningFacts, CurrentCleaning, KeptCleaning, choose_current_keys, find_lost
from storage.model.document import FIXITY, NotCleaned
from tests.storage.committed import HOME, DraftCrawl, cleaned

START = datetime(2026, 3, 1, tzinfo=UTC)
CRAWL, LATE = "manifests/crawl/2026/03/01/x.json", "manifests/crawl/2026/03/01/x-late-0badcafe.json"


def facts(key: str, hours: int, extractor: str = "a", crawl: str = CRAWL, adds_to: str | None = None) -> CleaningFacts:
    return CleaningFacts(key, crawl, extractor, START + timedelta(hours=hours), adds_to)


def test_the_newest_cleaning_is_current_with_what_adds_to_it_and_nothing_else() -> None:
    cleanings = [
        facts("late", 1, crawl=LATE),
        facts("old", 2),
        facts("new", 3, "b"),
        facts("second more of new", 5, "b", adds_to="new"),
        facts("more of new", 4, "b", adds_to="new"),
        facts("more of old, and the last of all", 9, adds_to="old"),
        facts("more of what is damaged", 9, adds_to="damaged"),
    ]
    for seed in range(8):
        random.Random(seed).shuffle(cleanings)
        chosen = choose_current_keys(cleanings)
        assert chosen == {CRAWL: ["new", "more of new", "second more of new"], LATE: ["late"]}
        assert list(chosen) == [CRAWL, LATE]
    assert choose_current_keys([facts("more", 1, adds_to="damaged")]) == {}


def test_what_was_added_is_not_lost_any_more() -> None:
    night = DraftCrawl(1)
    made = cleaned(night.committed(), [(night.captured(HOME, "P"), "Text")]).manifest

    def without(**reasons: str) -> tuple[NotCleaned, ...]:
        return tuple(NotCleaned(record_id=name, url=HOME, reason=reason) for name, reason in reasons.items())

    first = made.replace(not_cleaned=without(a=FIXITY, b=FIXITY, c=FIXITY, d="not_html"))
    more = made.replace(read_again=("a", "b"), not_cleaned=without(b="too_short"))
    assert find_lost([first]) == {"a", "b", "c"}
    current = CurrentCleaning((KeptCleaning("first", first), KeptCleaning("more", more)))
    assert current.lost == {"c"}
