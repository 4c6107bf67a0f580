"""The bucket of schema 1 in ``bucket-1`` beside this file, put into a store of today."""

from __future__ import annotations

from pathlib import Path

from storage.objects import Store

BUCKET_1 = Path(__file__).parent / "bucket-1"


def put_bucket_1(store: Store) -> None:
    for path in sorted(BUCKET_1.rglob("*.*")):
        store.put_new(str(path.relative_to(BUCKET_1)), path.read_bytes(), schema="")
