"""Late crawls are swept together: a night's tables are written once for all of them, and marks go last."""

from __future__ import annotations

from contextlib import suppress
from itertools import count

import pytest

from hemeroteca.archive.crawling.late import read_marks
from hemeroteca.archive.publishing.late_commits import commit_late
from hemeroteca.archive.publishing.tables import update_night_tables
from tests.archive.asked import asking
from tests.archive.dying import Died, dying
from tests.archive.homes import FIRST
from tests.archive.two_papers import ARTICLES, ONE, TWO, BucketOf, Night

LATE = ("manifests/", "documents/", "memory/", "tables/")
"""What a night has not of which all is uploaded and nothing committed."""


def test_many_late_crawls_of_a_night_are_swept_together_and_its_tables_written_once(bucket_of: BucketOf) -> None:
    night = bucket_of(*LATE)
    mark_late(night)
    with asking(night.archive.store) as asked:
        assert len(commit_late(night.archive)) == 2
    written = [url.rpartition("tables/")[2] for url in asked.put if "/tables/" in url]
    assert sorted(written) == [f"{table}/night%3D2026-03-01/part-0.parquet" for table in ("documents", "ledger")]
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES
    assert read_marks(night.archive) == []


@pytest.mark.parametrize("answered", [False, True])
def test_a_sweep_that_dies_again_and_again_is_finished_by_the_next(bucket_of: BucketOf, answered: bool) -> None:
    night = bucket_of(*LATE)
    mark_late(night)
    for number in count():
        assert len(read_marks(night.archive)) == 2, "marks go last"
        with suppress(Died), dying(night.archive.store, number, answered):
            commit_late(night.archive)
            break
    assert number > 3
    assert read_marks(night.archive) == []
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES
    assert len(night.archive.catalog.find_crawls(FIRST)) == 2
    assert not update_night_tables(night.archive, FIRST)


def mark_late(night: Night) -> None:
    """Mark the two crawls of a night to be committed, as crawl steps of another machine do."""
    for name in (ONE, TWO):
        manifest = night.key("manifests/crawl", name)
        night.archive.coordination.write_note(f"late/{manifest}", night.evidence[manifest].decode())
