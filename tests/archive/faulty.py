"""Faults of a store: objects that it keeps torn, and objects that it does not give back."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders

from storage.objects import S3Settings, Store
from tests.archive.dying import listening
from tests.conftest import s3_client


def tear(settings: S3Settings, key: str) -> bytes:
    """Cut the end of an object off, while the store says of it what it said before; return the whole one."""
    client, place = s3_client(settings), {"Bucket": settings.bucket, "Key": settings.prefix + key}
    whole = client.get_object(**place)
    body = whole["Body"].read()
    client.put_object(**place, Body=body[:-40], Metadata=whole["Metadata"])
    return bytes(body)


@contextmanager
def torn(settings: S3Settings, key: str) -> Iterator[None]:
    """Keep an object torn in this context, and make it whole again after."""
    client, place = s3_client(settings), {"Bucket": settings.bucket, "Key": settings.prefix + key}
    metadata = client.head_object(**place)["Metadata"]
    whole = tear(settings, key)
    try:
        yield
    finally:
        client.put_object(**place, Body=whole, Metadata=metadata)


@contextmanager
def keeping_torn(store: Store, settings: S3Settings, part: str) -> Iterator[list[str]]:
    """Keep torn whatever is put with *part* in its key; yields the keys."""
    torn: list[str] = []
    sent: list[str] = []

    def note(request: Any, **_: Any) -> None:
        sent[:] = [unquote(urlsplit(request.url).path).removeprefix(f"/{settings.bucket}/{settings.prefix}")]

    def cut(http_response: Any, **_: Any) -> None:
        (key,) = sent
        if part in key and http_response.status_code == 200:
            torn.append(key)
            tear(settings, key)

    with listening(store, "before-send.s3.PutObject", note), listening(store, "after-call.s3.PutObject", cut):
        yield torn


@contextmanager
def not_giving(
    store: Store, part: str, status: int, times: int = 1000, operation: str = "GetObject"
) -> Iterator[list[str]]:
    """Answer *status* to the first *times* GETs of objects with *part* in their keys; yields their addresses."""
    asked: list[str] = []

    def refuse(request: Any, **_: Any) -> AWSResponse | None:
        if part not in request.url or len(asked) >= times:
            return None
        asked.append(request.url)
        return AWSResponse(request.url, status, HTTPHeaders(), _Raw(b""))

    with listening(store, f"before-send.s3.{operation}", refuse):
        yield asked


class _Raw(io.BytesIO):
    """A body as botocore reads it."""

    def stream(self, **_: Any) -> Iterator[bytes]:
        yield self.read()
