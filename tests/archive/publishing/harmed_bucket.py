"""A small bucket of an early release, whose objects a test harms and puts back."""

from __future__ import annotations

from storage.objects import S3Settings, Store
from tests.conftest import s3_client

MONDAY = "manifests/crawl/2026/11/23/demo-faro-20261123-nightly.json"
TUESDAY = "manifests/crawl/2026/11/24/demo-faro-20261124-nightly.json"
LATE = "manifests/crawl/2026/11/24/demo-courier-20261124-nightly-late-29f5d2b1.json"
NO_TEXT = "manifests/text/2026/11/24/demo-faro-20261124-nightly-trafilatura-2.3.1-71eea3db.json"


class Bucket:
    """The bucket of a test, whose objects may be harmed and put back."""

    def __init__(self, s3: S3Settings) -> None:
        self._s3 = s3
        self._client = s3_client(s3)
        self.store = Store(s3)
        self._whole: dict[str, bytes] = {}

    def change(self, key: str, content: bytes | None) -> None:
        """Replace the object at *key*, or remove it."""
        if key not in self._whole:
            self._whole[key] = self.store.read(key)
        place = {"Bucket": self._s3.bucket, "Key": self._s3.prefix + key}
        if content is None:
            self._client.delete_object(**place)
        else:
            self._client.put_object(**place, Body=content)

    def flip(self, key: str) -> None:
        content = bytearray(self.store.read(key))
        content[len(content) // 2] ^= 1
        self.change(key, bytes(content))

    def put_back(self) -> None:
        for key, content in self._whole.items():
            self.change(key, content)
