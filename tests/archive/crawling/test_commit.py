"""Committing: once, whatever is repeated, whenever the process dies on the way."""

from __future__ import annotations

import gzip
import io

import pytest
from fastwarc.warc import ArchiveIterator

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import read_plan
from storage import keys
from storage.captures.index import read_records_index
from tests.archive.dying import Died, dying, losing_answers
from tests.archive.homes import Origin, check_committed, clean_workers, only_crawl, plan, run_of, spooled
from tests.archive.late import killed

PUTS = 5
"""WARC file, its two indexes, ledger, manifest."""


def test_a_commit_that_dies_at_any_put_is_finished_without_asking_again(archive: Archive, origin: Origin) -> None:
    """Each death is followed by a retry, which dies one step later."""
    (shard,) = plan(archive, run_of(archive))
    asked = None
    for put in range(PUTS):
        for answered in (False, True):
            with pytest.raises(Died), dying(archive.store, put, answered):
                tasks.crawl_shard(archive, shard, last_try=False)
            asked = asked or len(origin.rows())
    assert spooled(archive)
    tasks.crawl_shard(archive, shard, last_try=False)
    assert len(origin.rows()) == asked
    tasks.build_tables(archive, run_of(archive))  # it alone empties the spool of what is committed already
    manifest = check_committed(archive, origin, lost=0)
    assert len(manifest.attempts) == 1
    assert manifest.superseded == ()


def test_a_put_whose_answer_was_lost_is_known_as_our_own(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    with losing_answers(archive.store) as twice:
        tasks.crawl_shard(archive, shard, last_try=False)
        tasks.clean_shard(archive, shard, clean_workers())
    assert any(url.endswith(keys.crawl_manifest(only_crawl(archive).crawl)) for url in twice)
    assert len(twice) == PUTS + 3  # documents, what they teach of the site, their manifest
    check_committed(archive, origin, lost=0)


def test_every_object_is_what_the_manifest_promises(archive: Archive, origin: Origin) -> None:
    (shard,) = plan(archive, run_of(archive))
    tasks.crawl_shard(archive, shard, last_try=False)
    manifest = check_committed(archive, origin, lost=0)
    kinds = {stored.schema_name: stored for stored in manifest.objects}
    assert kinds.keys() == {"warc/1.1", "index/1", "records/2", "ledger/2"}
    for stored in manifest.objects:
        stat = archive.store.stat(stored.key)
        assert stat
        assert (stat.bytes, stat.sha256, stat.schema_name) == (stored.bytes, stored.sha256, stored.schema_name)
        archive.store.read(stored.key, sha256=stored.sha256, length=stored.bytes)
    warc = archive.store.read(kinds["warc/1.1"].key)
    gzip.decompress(warc)
    whole = [record.verify_block_digest() for record in ArchiveIterator(io.BytesIO(warc), parse_http=False)]
    assert all(whole)
    assert len(whole) == kinds["warc/1.1"].records
    assert len(read_records_index(archive.store.read(kinds["records/2"].key))) == len(whole)


def test_a_crawl_that_another_run_committed_meanwhile_is_not_committed_twice(archive: Archive, origin: Origin) -> None:
    """The same night planned by two runs on one machine: the second finds the first one's manifest."""
    (first,) = plan(archive, run_of(archive, "one"))
    (second,) = plan(archive, run_of(archive, "two"))
    tasks.crawl_shard(archive, first, last_try=False)
    asked = len(origin.rows())
    tasks.crawl_shard(archive, second, last_try=False)
    assert len(origin.rows()) == asked


def test_a_crawl_started_when_its_first_try_did_whenever_it_was_planned(archive: Archive, origin: Origin) -> None:
    note = killed(archive, origin)
    (shard,) = plan(archive, run_of(archive, "again"))
    (planned,) = read_plan(archive, run_of(archive, "again")).crawls()
    assert planned.crawl.started > note.attempt.started > note.crawl.started
    tasks.crawl_shard(archive, shard, last_try=False)
    assert check_committed(archive, origin, lost=1).crawl.started == note.attempt.started
