"""Two machines had the spool of one attempt, and one of them returns with more: records are judged, not keys."""

from __future__ import annotations

import io
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from warcio.archiveiterator import ArchiveIterator

from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.crawling.late import hold_spooled, mark_spent
from hemeroteca.archive.crawling.upload import upload_warcs
from hemeroteca.archive.publishing.late_commits import commit_late
from spiders.job import AttemptNote
from storage import keys
from storage.captures.stored_exchanges import list_acknowledged
from storage.manifests import list_all_manifests
from storage.objects import S3Settings
from tests.archive.faulty import tear
from tests.archive.homes import Origin, demo_card, make_home, open_home, spooled, unlisted
from tests.archive.late import killed
from tests.archive.running_crawl import acknowledged


class Machines(NamedTuple):
    """Two machines that share the bucket and coordination, and a killed attempt that both have in their spools."""

    here: Archive
    there: Archive
    note: AttemptNote
    had: set[str]
    """The record ids of its responses."""


@pytest.fixture
def machines(tmp_path: Path, s3_settings: S3Settings, origin: Origin) -> Iterator[Machines]:
    here, there = (
        open_home(
            make_home(tmp_path / name, demo_card("faro", delay_seconds=0.01)),
            s3_settings,
            connect_to=origin.newspapers.connect_to,
            coordination=f"sqlite:///{tmp_path / 'shared.sqlite'}",
        )
        for name in ("here", "there")
    )
    note = killed(there, origin)
    copy = tmp_path / "copy"
    copy.mkdir()
    had = {one.record_id for one in acknowledged(there, note, copy).values() if one.record_id}
    shutil.copytree(there.settings.home.spool, here.settings.home.spool, dirs_exist_ok=True)
    mark_spent(there, note.crawl)
    yield Machines(here, there, note, had)
    here.close()
    there.close()


def cut_half(archive: Archive) -> None:
    """Cut the one WARC file in the spool of *archive* after half of its exchanges."""
    (path,) = (path for path in spooled(archive) if ".warc.gz" in path.name)
    exchanges = list(list_acknowledged(path))
    os.truncate(path, exchanges[len(exchanges) // 2][0].offset)


def listed(archive: Archive, torn: str = "") -> Counter[str]:
    """Count the responses that manifests list, other than the *torn* one, by record id (stock warcio)."""
    found: Counter[str] = Counter()
    for key in set(list_all_manifests(archive.store)) - {torn}:
        for stored in archive.holdings.find_objects(archive.holdings.read_manifest(key), "warc/1.1"):
            for record in ArchiveIterator(io.BytesIO(archive.store.read(stored.key))):
                if record.rec_type in ("response", "revisit"):
                    found[record.rec_headers.get_header("WARC-Record-ID").strip("<>")] += 1
    return found


def test_who_returns_with_more_of_an_attempt_commits_the_rest_and_nothing_twice(machines: Machines) -> None:
    here, there, _, had = machines
    cut_half(here)
    (first,) = commit_late(here)
    assert 0 < len(listed(here)) < len(had)
    (second,) = commit_late(there)
    assert first != second
    assert listed(here) == dict.fromkeys(had, 1)
    assert not spooled(here) and not spooled(there)
    assert {capture.record_id for capture in there.catalog.find_captures()} == had


def test_what_the_bucket_has_more_of_a_file_than_the_spool_is_committed_too(machines: Machines) -> None:
    """The other machine died for good after it had put the whole file."""
    here, there, note, had = machines
    with hold_spooled(there, note.crawl.id) as spooled_there:
        assert spooled_there
        list(upload_warcs(there, note.crawl, [path for held in spooled_there.attempts for path in held.warcs()]))
    cut_half(here)
    assert len(commit_late(here)) == 1
    assert listed(here) == dict.fromkeys(had, 1)
    assert not unlisted(here.store)


def test_who_returns_with_no_more_commits_nothing(machines: Machines) -> None:
    here, there, _, had = machines
    assert len(commit_late(here)) == 1
    cut_half(there)
    assert commit_late(there) == []
    assert listed(here) == dict.fromkeys(had, 1)
    assert not spooled(there)


def test_a_torn_late_manifest_counts_as_absent_too(machines: Machines) -> None:
    here, there, _, had = machines
    (torn,) = commit_late(here)
    tear(read_s3_settings(here.settings), torn)
    (second,) = commit_late(there)
    assert second == keys.put_again(torn)
    assert listed(here, torn) == dict.fromkeys(had, 1)
    assert not spooled(there)
