"""The bucket: create-only puts and verified reads on any S3-compatible endpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO, Literal, NamedTuple

import boto3
from botocore import loaders, session
from botocore.awsrequest import AWSPreparedRequest
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    IncompleteReadError,
    ReadTimeoutError,
    ResponseStreamingError,
)
from pydantic import SecretStr

from storage.model.base import Record
from storage.model.crawl import StoredObject
from storage.model.errors import (
    AlreadyStoredError,
    FixityError,
    MissingObjectError,
    StorageError,
    StoreRefusedError,
    disk_error,
)
from storage.store_errors import read_status, translate_client_error, translate_s3_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

CONFLICT_TRIES = 5
BODY_TRIES = 3  # boto3 itself retries only until the head of the response has come
_STREAM_BYTES = 1024 * 1024
_SERVICE_FILES = loaders.Loader()  # shared, so that a process reads once what botocore knows of S3: it takes 0.1 s
DERIVED = "tables/"


class S3Settings(Record):
    """Where the bucket is. Without keys boto3's own chain is asked; ``auto`` is path style at an endpoint."""

    endpoint_url: str | None = None
    region: str = "us-east-1"
    bucket: str
    prefix: str = ""
    access_key: str | None = None
    secret_key: SecretStr | None = None
    addressing: Literal["path", "virtual", "auto"] = "auto"


class ObjectStat(Record):
    """What the store says of an object; ``sha256`` and ``schema_name`` are in the metadata that its writer set."""

    key: str
    bytes: int
    sha256: str | None = None
    schema_name: str | None = None

    def promise(self) -> StoredObject:
        """Return what its writer said of the object; no manifest need list it."""
        return StoredObject(
            key=self.key, bytes=self.bytes, sha256=self.sha256 or "", records=0, schema_name=self.schema_name or ""
        )


class ListedObject(NamedTuple):
    """One object as a listing has it."""

    key: str
    bytes: int
    tag: str
    """The store's own digest of what is there (ETag): another object at the key has another."""


class ObjectDigest(NamedTuple):
    """What was read of an object, and the SHA-256 that its writer set, which the same answer tells."""

    bytes: int
    sha256: str
    promised: str | None = None


class Store:
    """One bucket under one prefix. Keys are relative to the prefix; every error is one of the archive's."""

    def __init__(self, settings: S3Settings) -> None:
        self._settings = settings
        self._bucket = settings.bucket
        self._prefix = settings.prefix
        self._client = _client(settings)
        self._bucket_is_there = False

    def connect_anew(self) -> Store:
        """Return the same bucket, asked over a new connection each time."""
        store = Store(self._settings)
        store._client.meta.events.register("before-send.s3", _close_after)
        return store

    def ensure_bucket(self) -> None:
        """Create the bucket when it is missing."""
        try:
            self._client.head_bucket(Bucket=self._bucket)
        except ClientError as error:
            if read_status(error) != 404:
                raise translate_client_error(f"bucket {self._bucket}", error) from error
            with translate_s3_errors(self._bucket):
                self._client.create_bucket(Bucket=self._bucket)
        except BotoCoreError as error:
            raise StorageError(f"bucket {self._bucket}: {error}") from error

    def put_new(self, key: str, content: bytes, *, schema: str, content_type: str = "application/octet-stream") -> str:
        """Create the object at *key* and return its SHA-256 (hex); the same bytes there already are success.

        Raises AlreadyStoredError for other bytes.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        try:
            self._create(key, content, {"sha256": sha256, "schema": schema}, content_type)
        except AlreadyStoredError:  # by another, or by this very put: boto3 sends it again when the answer is lost
            found = self.stat(key)
            if found is None or (found.sha256, found.bytes) != (sha256, len(content)):
                raise
        return sha256

    def put_new_file(self, key: str, path: Path, *, schema: str, content_type: str) -> str:
        """Create the object at *key* from a file and return its SHA-256. Raises AlreadyStoredError for a taken key."""
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            self._create(key, file, {"sha256": sha256, "schema": schema}, content_type)
        return sha256

    def put_derived(self, key: str, content: bytes, *, schema: str) -> str:
        """Write the derived object at *key*, over what is there; ValueError for a key that holds evidence."""
        if not key.startswith(DERIVED):
            raise ValueError(f"{key}: only {DERIVED} may be written twice")
        sha256 = hashlib.sha256(content).hexdigest()
        with translate_s3_errors(key):
            self._client.put_object(
                Bucket=self._bucket, Key=self._prefix + key, Body=content, Metadata={"sha256": sha256, "schema": schema}
            )
        return sha256

    def read(self, key: str, *, sha256: str | None = None, length: int | None = None) -> bytes:
        """Return the whole object, its length and digest checked.

        The digest is *sha256*, or the one in the object's metadata. Raises FixityError, MissingObjectError and
        StorageError.
        """
        content, metadata = self._get(key)
        if length is not None and len(content) != length:
            raise FixityError(f"{key}: {len(content)} bytes, not {length}")
        promised = sha256 or metadata.get("sha256")
        if promised and hashlib.sha256(content).hexdigest() != promised:
            raise FixityError(f"{key}: its SHA-256 is not {promised}")
        return content

    def read_range(self, key: str, offset: int, length: int, *, sha256: str | None = None) -> bytes:
        """Return *length* bytes at *offset*, by one ranged GET. Raises FixityError when other than these came."""
        content, _ = self._get(key, Range=f"bytes={offset}-{offset + length - 1}")
        if len(content) != length:
            raise FixityError(f"{key}: {len(content)} of {length} bytes came at {offset}")
        if sha256 and hashlib.sha256(content).hexdigest() != sha256:
            raise FixityError(f"{key}: the {length} bytes at {offset} are not what was stored")
        return content

    def read_digest(self, key: str, copy: BinaryIO | None = None) -> ObjectDigest:
        """Read the object at *key* as a stream, into the file *copy* if one is given, and return what came.

        Raises MissingObjectError, and StorageError when it does not come to its end.
        """
        for tries_left in reversed(range(BODY_TRIES)):
            with translate_s3_errors(key):
                try:
                    return self._read_stream(key, copy)
                except (IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
                    if not tries_left:
                        raise
        raise AssertionError

    def _read_stream(self, key: str, copy: BinaryIO | None) -> ObjectDigest:
        answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key)
        size, sha256 = 0, hashlib.sha256()
        if copy:
            copy.seek(0)
            copy.truncate()
        with suppress(FlexibleChecksumError):  # said at the end; who asked compares the digest
            for piece in answer["Body"].iter_chunks(_STREAM_BYTES):
                size += len(piece)
                sha256.update(piece)
                if copy:
                    _write(copy, piece)
        return ObjectDigest(size, sha256.hexdigest(), answer["Metadata"].get("sha256"))

    def stat(self, key: str) -> ObjectStat | None:
        """Return what the store says of the object at *key*, or None. Raises StoreRefusedError without its bucket."""
        try:
            with translate_s3_errors(key):
                head = self._client.head_object(Bucket=self._bucket, Key=self._prefix + key)
        except MissingObjectError:
            self._check_bucket()  # the answer to HEAD has no body that would say which of the two is missing
            return None
        metadata = head["Metadata"]
        return ObjectStat(
            key=key, bytes=head["ContentLength"], sha256=metadata.get("sha256"), schema_name=metadata.get("schema")
        )

    def list_keys(self, prefix: str) -> Iterator[str]:
        """Yield every key under *prefix*, in the store's order (SeaweedFS's is not that of bytes)."""
        for listed in self.list_objects(prefix):
            yield listed.key

    def list_objects(self, prefix: str) -> Iterator[ListedObject]:
        """Yield every object under *prefix*, as ``list_keys`` does: a request a thousand."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=self._prefix + prefix
        )
        with translate_s3_errors(prefix):
            for page in pages:
                for item in page.get("Contents", ()):
                    yield ListedObject(item["Key"].removeprefix(self._prefix), item["Size"], item.get("ETag", ""))

    def find_first_key(self, prefix: str) -> str | None:
        """Return the key under *prefix* that is first in the store's order; None for none. A listing of one."""
        with translate_s3_errors(prefix):
            found = self._client.list_objects_v2(Bucket=self._bucket, Prefix=self._prefix + prefix, MaxKeys=1)
        return next((item["Key"].removeprefix(self._prefix) for item in found.get("Contents", ())), None)

    def _check_bucket(self) -> None:
        if self._bucket_is_there:
            return
        try:
            with translate_s3_errors(self._bucket):
                self._client.head_bucket(Bucket=self._bucket)
        except MissingObjectError:
            raise StoreRefusedError(f"bucket {self._bucket}: does not exist") from None
        self._bucket_is_there = True

    def _get(self, key: str, **span: Any) -> tuple[bytes, dict[str, str]]:
        """Return a body as long as its Content-Length, and its metadata; one that was cut on its way is read again."""
        tries_left = BODY_TRIES
        while True:
            tries_left -= 1
            with translate_s3_errors(key):
                answer = self._client.get_object(Bucket=self._bucket, Key=self._prefix + key, **span)
                try:
                    return answer["Body"].read(), answer["Metadata"]
                except (IncompleteReadError, ReadTimeoutError, ResponseStreamingError):
                    if not tries_left:
                        raise

    def _create(self, key: str, body: bytes | IO[bytes], metadata: dict[str, str], content_type: str) -> None:
        """Put with ``If-None-Match: *``. A 409 says that another writer is putting the same key: it is tried again."""
        for tries_left in reversed(range(CONFLICT_TRIES)):
            try:
                with translate_s3_errors(key):
                    self._client.put_object(
                        Bucket=self._bucket, Key=self._prefix + key, Body=body, Metadata=metadata,
                        ContentType=content_type, IfNoneMatch="*",
                    )  # fmt: skip
                return
            except StorageError as error:
                if read_status(error.__cause__) != 409 or not tries_left:
                    raise
                if not isinstance(body, bytes):
                    body.seek(0)


def _write(copy: BinaryIO, piece: bytes) -> None:
    try:
        copy.write(piece)
    except OSError as error:
        raise disk_error(f"{copy.name}: not written", error) from error


def _close_after(request: AWSPreparedRequest, **_: Any) -> None:
    request.headers["Connection"] = "close"


def _client(settings: S3Settings) -> S3Client:
    style = "path" if settings.addressing == "auto" and settings.endpoint_url else settings.addressing
    config = Config(
        signature_version="s3v4", s3={"addressing_style": style}, connect_timeout=10, read_timeout=60,
        retries={"mode": "standard", "max_attempts": 5},
    )  # fmt: skip
    given: dict[str, Any] = {"endpoint_url": settings.endpoint_url, "region_name": settings.region, "config": config}
    if settings.access_key and settings.secret_key:
        secret = settings.secret_key.get_secret_value()
        given |= {"aws_access_key_id": settings.access_key, "aws_secret_access_key": secret}
    own = session.get_session()
    own.register_component("data_loader", _SERVICE_FILES)
    return boto3.session.Session(botocore_session=own).client("s3", **given)
