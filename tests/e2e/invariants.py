"""The invariants of an archive (I1 to I12), each a function that checks the whole bucket and raises AssertionError.

The origin's side of the story is the newspapers' own ledger: every response that they sent, by its nonce.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from warcio.archiveiterator import ArchiveIterator

from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.reading import lookup
from hemeroteca.demo import ServedResponse
from storage import keys
from storage.captures.index import read_cdxj
from storage.documents import read_documents
from storage.ledger import LEDGERS, read_ledger
from storage.manifests import list_all_manifests, list_all_text_manifests, read_manifest, read_text_manifest
from storage.model.capture import Capture
from storage.model.crawl import Manifest, StoredObject
from storage.model.document import TextManifest, text_digest
from storage.model.outcome import Outcome
from storage.request_key import join_request_url
from storage.warc.reader import read_member
from storage.warc.record import WarcTargetRecord
from tests.conftest import open_uploads
from tests.warc_records import as_type

CAPTURES = {"response", "revisit"}


class Bucket(NamedTuple):
    """Everything a bucket holds: objects by key, and what its manifests say."""

    objects: dict[str, bytes]
    crawls: dict[str, Manifest]
    cleanings: dict[str, TextManifest]

    def promised(self) -> list[StoredObject]:
        """Return every object that a manifest lists."""
        crawls = [stored for manifest in self.crawls.values() for stored in (*manifest.objects, *manifest.superseded)]
        cleanings = self.cleanings.values()
        learned = [cleaning.learned for cleaning in cleanings if cleaning.learned]
        return crawls + [stored for cleaning in cleanings for stored in cleaning.objects] + learned

    def warcs(self) -> dict[str, bytes]:
        return {key: content for key, content in self.objects.items() if key.startswith("warc/")}

    def captures(self, manifest: Manifest) -> list[Capture]:
        stored = [one for one in manifest.objects if one.schema_name == "index/1"]
        return [capture for one in stored for capture in read_cdxj(self.objects[one.key])]

    def outcomes(self, manifest: Manifest) -> list[Outcome]:
        stored = [one for one in manifest.objects if one.schema_name in LEDGERS]
        return [outcome for one in stored for outcome in read_ledger(self.objects[one.key])]


class Sighting(NamedTuple):
    """One response of the newspapers in a WARC file, as stock warcio reads it."""

    nonce: str
    key: str
    record_id: str


def read_bucket(archive: Archive) -> Bucket:
    store = archive.store
    crawls = {key: read_manifest(store, key) for key in list_all_manifests(store)}
    cleanings = {key: read_text_manifest(store, key) for key in list_all_text_manifests(store)}
    return Bucket({key: store.read(key) for key in store.list_keys("")}, crawls, cleanings)


def sightings(warcs: dict[str, bytes]) -> Iterator[Sighting]:
    """Yield every response in *warcs* that carries a nonce."""
    for key, content in warcs.items():
        for record in ArchiveIterator(io.BytesIO(content)):
            nonce = record.http_headers.get_header("X-Nonce") if record.rec_type in CAPTURES else None
            if nonce:
                yield Sighting(nonce, key, record.rec_headers.get_header("WARC-Record-ID").strip("<>"))


def each_response_is_in_one_record(
    bucket: Bucket, served: Iterable[ServedResponse], lost: Collection[str] = ()
) -> None:
    """I1: *lost* are the nonces of exchanges that a kill cut short; they may be there or not."""
    found = Counter(sighting.nonce for sighting in sightings(bucket.warcs()))
    assert [nonce for nonce, times in found.items() if times > 1] == []
    sent = {one.nonce for one in served}
    assert found.keys() - sent == set()
    assert sent - found.keys() <= set(lost)


def rows_and_records_are_the_same(bucket: Bucket, archive: Archive) -> None:
    """I2: the catalog's rows are the bucket's captures, and each reads back by one range read."""
    rows = {capture.record_id: capture for capture in archive.catalog.find_captures()}
    records = [
        record.rec_headers.get_header("WARC-Record-ID").strip("<>")
        for content in bucket.warcs().values()
        for record in ArchiveIterator(io.BytesIO(content), no_record_parse=True)
        if record.rec_type in CAPTURES
    ]
    assert Counter(records) == Counter(rows.keys())
    for capture in rows.values():
        stored = archive.holdings.read_record(capture)  # held to the digest of the row
        record = as_type(read_member(stored), WarcTargetRecord)
        said = (record.record_id, record.type, record.target_uri, record.date)
        assert said == (capture.record_id, capture.record_type, capture.target_uri, capture.date)
        assert record.payload_digest == capture.payload_digest


def nothing_is_orphaned(bucket: Bucket, archive: Archive) -> None:
    """I3: every key has its manifest and every manifest its keys; no open upload, nothing left in the spool."""
    promised = {stored.key for stored in bucket.promised()}
    evidence = {key for key in bucket.objects if not key.startswith("tables/")}
    assert evidence == promised | bucket.crawls.keys() | bucket.cleanings.keys()
    assert open_uploads(read_s3_settings(archive.settings)) == []
    spool = archive.settings.home.spool
    assert [str(path) for path in spool.rglob("*") if path.is_file()] == []


def every_document_resolves(bucket: Bucket, archive: Archive) -> None:
    """I4: text → capture → record → crawl → source → extractor."""
    cleaned = 0
    for cleaning in bucket.cleanings.values():
        crawl = bucket.crawls[cleaning.crawl_manifest]
        for stored in cleaning.objects:
            documents = read_documents(bucket.objects[stored.key])
            cleaned += len(documents)
            for row, document in enumerate(documents):
                capture = archive.catalog.find_capture(document.derived_from)
                assert capture is not None and capture.record_type == "response"
                assert document.location == capture.location
                assert document.payload_digest == capture.payload_digest
                assert (document.crawl_id, document.source_id) == (crawl.crawl.id, crawl.source.id)
                assert document.extractor == cleaning.extractor
                assert document.text_digest == text_digest(document.text)
                place = archive.catalog.find_document(capture.record_id)
                assert place is not None and (place.key, place.row) == (stored.key, row)
    assert cleaned == archive.catalog.count_rows()["documents"] > 0


def objects_are_as_promised(bucket: Bucket) -> None:
    """I5: length and SHA-256 of every object are those of its manifest."""
    for stored in bucket.promised():
        content = bucket.objects[stored.key]
        assert (len(content), hashlib.sha256(content).hexdigest()) == (stored.bytes, stored.sha256), stored.key


def warcs_are_whole(bucket: Bucket, folder: Path) -> None:
    """I6: every WARC file passes ``gzip -t`` and ``fastwarc check``."""
    files = []
    for key, content in bucket.warcs().items():
        files.append(folder / key.rpartition("/")[2])
        files[-1].write_bytes(content)
    subprocess.run(["gzip", "-t", *files], check=True)
    for file in files:
        subprocess.run(
            [sys.executable, "-m", "fastwarc.cli", "check", "--quiet", file], check=True, capture_output=True
        )
        assert gzip.decompress(file.read_bytes()).startswith(b"WARC/1.1\r\n")


def outcomes_add_up(bucket: Bucket) -> None:
    """I7: what was discovered is the sum of the outcomes, each URL once, and the manifest counts them rightly."""
    for manifest in bucket.crawls.values():
        outcomes = bucket.outcomes(manifest)
        assert len({one.url for one in outcomes}) == len(outcomes) == manifest.discovered
        counted = Counter((one.purpose, one.state, one.reason) for one in outcomes)
        assert counted == {(c.purpose, c.state, c.reason): c.urls for c in manifest.counts}


def failures_are_the_origins(bucket: Bucket, manifests: Iterable[Manifest], served: Iterable[ServedResponse]) -> None:
    """I7: the URLs that failed are those whose last answer meanwhile was an error, with its status.

    That a newspaper has no tdmrep.json is an answer.
    """
    answers = {f"http://{one.host}{one.path}": one.status for one in served}
    failed = [one for manifest in manifests for one in bucket.outcomes(manifest) if one.state == "failed"]
    expected = {url: f"http_{status}" for url, status in answers.items() if status >= 400}
    expected = {url: reason for url, reason in expected.items() if not url.endswith("/.well-known/tdmrep.json")}
    assert {one.url: one.reason for one in failed} == expected


def hosts_are_left_in_peace(served: Iterable[ServedResponse], delay_seconds: float, forbidden: Collection[str]) -> None:
    """I8: one request at a time and the delay between two, at each host; none for what its robots.txt forbids."""
    by_host: dict[str, list[ServedResponse]] = defaultdict(list)
    for one in served:
        by_host[one.host].append(one)
        assert f"http://{one.host}{one.path}" not in forbidden
    for rows in by_host.values():
        gaps = [later.time - earlier.time for earlier, later in pairwise(rows)]
        assert all(gap >= timedelta(seconds=delay_seconds) for gap in gaps)


def one_try_is_the_crawls(bucket: Bucket) -> None:
    """I9: a crawl has one manifest in time, and its tries did not work at the same time."""
    in_time = Counter(manifest.crawl.id for manifest in bucket.crawls.values() if not manifest.late)
    assert set(in_time.values()) == {1}
    for key, manifest in bucket.crawls.items():
        if not manifest.late:
            assert key == keys.crawl_manifest(manifest.crawl)
        spans = [(min(dates), max(dates)) for dates in _dates_by_try(bucket, manifest).values()]
        assert all(earlier[1] < later[0] for earlier, later in pairwise(sorted(spans)))


def every_capture_is_found_once(archive: Archive) -> None:
    """I10: a look-up by address and time gives every published capture, and none twice."""
    found = archive.catalog.find_captures()
    assert len({capture.record_id for capture in found}) == len(found)
    for capture in found:
        url = join_request_url(capture.target_uri, capture.method, capture.request_query)
        nearest = lookup.find_closest(archive, url, capture.date)
        assert (nearest.urlkey, nearest.date) == (capture.urlkey, capture.date)


def times_are_true(bucket: Bucket, served: Iterable[ServedResponse]) -> None:
    """I12: a capture's time is within two seconds of the origin's."""
    sent = {one.nonce: one.time for one in served}
    dates = {c.record_id: c.date for manifest in bucket.crawls.values() for c in bucket.captures(manifest)}
    for sighting in sightings(bucket.warcs()):
        assert abs(sent[sighting.nonce] - dates[sighting.record_id]) < timedelta(seconds=2)


def _dates_by_try(bucket: Bucket, manifest: Manifest) -> dict[str, list[datetime]]:
    """Return the times of the captures of each try, by its nonce."""
    found: dict[str, list[datetime]] = defaultdict(list)
    for capture in bucket.captures(manifest):
        name = capture.location.key.rpartition("/")[2].removeprefix(f"{manifest.crawl.id}-")
        found[name[:8]].append(capture.date)
    return found
