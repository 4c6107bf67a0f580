"""A bucket as docs/format.md describes it, read only with public tools: no code of the archive is used.

boto3 fetches the objects, hashlib holds them to their digests, zlib and warcio read WARC files, pyarrow reads Parquet.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import zlib
from collections.abc import Iterator
from typing import Any, NamedTuple

import boto3
import pyarrow.parquet
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from warcio.archiveiterator import ArchiveIterator

GZIP = b"\x1f\x8b\x08"
UNREAD = "unread"
_PATIENCE_SECONDS = 20.0
CAPTURES = ("response", "revisit")


class Place(NamedTuple):
    """Where a bucket is."""

    endpoint: str
    bucket: str
    prefix: str
    access_key: str
    secret_key: str


class StoredObject(NamedTuple):
    """One object: its bytes, and the metadata that its writer set."""

    content: bytes
    metadata: dict[str, str]

    @property
    def is_whole(self) -> bool:
        """Whether it is what its writer sent, as far as the digest beside it says."""
        return self.metadata.get("sha256") in (None, sha256(self.content))


class Record(NamedTuple):
    """One response or revisit of a WARC file."""

    key: str
    record_id: str
    url: str
    date: str
    nonce: str
    status: int
    body: bytes
    refers_to: str


class Evidence:
    """Everything that a bucket holds, and what its readable manifests promise."""

    def __init__(self, objects: dict[str, StoredObject]) -> None:
        self.objects = objects
        self.damaged: set[str] = set()
        """Keys that are not what was promised, or not there."""
        self.crawls = self._read_manifests("manifests/crawl/")
        self.cleanings = self._read_manifests("manifests/text/")

    def listed(self, *schemas: str) -> Iterator[tuple[str, bytes]]:
        """Yield each object that counts and begins with one of *schemas*, once, unless it is damaged."""
        manifests = [*self.crawls.values(), *self.cleanings.values()]
        promised = {one["key"]: one for manifest in manifests for one in manifest["objects"]}
        for key, one in sorted(promised.items()):
            if one["schema"].startswith(schemas) and self._is_as_promised(one):
                yield key, self.objects[key].content

    def hold_to_promises(self) -> None:
        """Note every object that a manifest lists and that is not there as it says, superseded ones left aside."""
        for manifest in (*self.crawls.values(), *self.cleanings.values()):
            for one in (*manifest["objects"], *filter(None, [manifest.get("learned"), manifest.get("site_memory")])):
                self._is_as_promised(one)

    def records(self) -> Iterator[Record]:
        """Yield each whole capture of the WARC files that manifests list; of a damaged file, what its index lists."""
        promised = {one["key"]: one for manifest in self.crawls.values() for one in manifest["objects"]}
        for key, one in sorted(promised.items()):
            if key.endswith(".warc.gz") and key in self.objects:
                own = None if self._is_as_promised(one) else self._indexed_beside(key, promised)
                for record in read_records(key, self.objects[key].content):
                    if own is None or record.record_id in own:
                        yield record

    def _indexed_beside(self, warc_key: str, promised: dict[str, dict[str, Any]]) -> set[str] | None:
        """Return the ids of the records that a WARC file had; None when its index cannot say."""
        beside = f"index/{warc_key.removeprefix('warc/').removesuffix('.warc.gz')}.records.jsonl.gz"
        if beside not in promised or not self._is_as_promised(promised[beside]):
            return None
        _, *lines = gzip.decompress(self.objects[beside].content).splitlines()
        return {json.loads(line)["record_id"] for line in lines}

    def rows(self, *schemas: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of the Parquet objects of *schemas* that count."""
        for _, content in self.listed(*schemas):
            yield from read_rows(content)

    def table(self, name: str) -> Iterator[dict[str, Any]]:
        """Yield the rows of the analyst's table *name*, of all nights."""
        for key, one in sorted(self.objects.items()):
            if key.startswith(f"tables/{name}/"):
                if one.is_whole:
                    yield from read_rows(one.content)
                else:
                    self.damaged.add(key)

    def _read_manifests(self, prefix: str) -> dict[str, dict[str, Any]]:
        found = {}
        for key, one in sorted(self.objects.items()):
            if key.startswith(prefix):
                try:
                    found[key] = json.loads(one.content) if one.is_whole else None
                except ValueError:
                    found[key] = None
        self.damaged |= {key for key, manifest in found.items() if manifest is None}
        return {key: manifest for key, manifest in found.items() if manifest}

    def _is_as_promised(self, promise: dict[str, Any]) -> bool:
        found = self.objects.get(promise["key"])
        said = (promise["bytes"], promise["sha256"])
        if found and (len(found.content), sha256(found.content)) == said:
            return True
        self.damaged.add(promise["key"])
        return False


def read_evidence(place: Place) -> Evidence:
    client = open_client(place)
    objects = {}
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=place.prefix):
        for item in page.get("Contents", ()):
            objects[item["Key"].removeprefix(place.prefix)] = _read_object(client, place.bucket, item["Key"])
    return Evidence(objects)


def _read_object(client: Any, bucket: str, key: str) -> StoredObject:
    """Return an object; one that the store does not give back is not whole."""
    try:
        found = client.get_object(Bucket=bucket, Key=key)
        return StoredObject(found["Body"].read(), found["Metadata"])
    except (ClientError, BotoCoreError):
        return StoredObject(b"", {"sha256": UNREAD})


def open_client(place: Place) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=place.endpoint,
        region_name="us-east-1",
        aws_access_key_id=place.access_key,
        aws_secret_access_key=place.secret_key,
        config=Config(read_timeout=_PATIENCE_SECONDS, retries={"mode": "standard", "max_attempts": 2}),
    )


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def read_rows(content: bytes) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = pyarrow.parquet.ParquetFile(io.BytesIO(content)).read().to_pylist()
    return rows


def read_records(key: str, content: bytes) -> Iterator[Record]:
    """Yield the captures of a WARC file whose gzip members are whole."""
    for _, member in read_members(content):
        for record in ArchiveIterator(io.BytesIO(member)):
            if record.rec_type in CAPTURES and record.http_headers:
                field = record.rec_headers.get_header
                yield Record(
                    key,
                    field("WARC-Record-ID").strip("<>"),
                    field("WARC-Target-URI"),
                    field("WARC-Date"),
                    record.http_headers.get_header("X-Nonce") or "",
                    int(record.http_headers.get_statuscode()),
                    record.content_stream().read(),
                    (field("WARC-Refers-To") or "").strip("<>"),
                )


def read_acknowledged(key: str, content: bytes) -> Iterator[Record]:
    """Yield the captures whose exchange was acknowledged: its last record follows, metadata or a revisit's request."""
    named: dict[str, set[str]] = {"metadata": set(), "request": set()}
    for _, member in read_members(content):
        for record in ArchiveIterator(io.BytesIO(member)):
            if record.rec_type in named:
                about = record.rec_headers.get_header("WARC-Concurrent-To") or ""
                named[record.rec_type].add(about.strip("<>"))
    for capture in read_records(key, content):
        if capture.record_id in named["request" if capture.refers_to else "metadata"]:
            yield capture


def read_members(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each whole gzip member with the place where it begins, as it is without its coding."""
    at = content.find(GZIP)
    while at >= 0:
        decoder = zlib.decompressobj(wbits=31)
        try:
            plain = decoder.decompress(content[at:])
            end = len(content) - len(decoder.unused_data) if decoder.eof else -1
        except zlib.error:
            end = -1
        if end > 0:
            yield at, plain
        at = content.find(GZIP, end if end > 0 else at + 1)
