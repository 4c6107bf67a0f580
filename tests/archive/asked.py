"""What a store is asked for: requests by operation, and the bytes of objects that were read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from storage.objects import Store
from tests.archive.dying import listening


@dataclass
class Asked:
    """What was answered so far."""

    requests: Counter[str] = field(default_factory=Counter)
    read_bytes: int = 0
    put: list[str] = field(default_factory=list)
    """The addresses that objects were put at."""

    def writes(self) -> list[str]:
        """Return the operations that changed something."""
        return [name for name in self.requests if name not in ("GetObject", "HeadObject", "ListObjectsV2")]


@contextmanager
def asking(store: Store) -> Iterator[Asked]:
    """Count what *store* is asked within the block."""
    asked = Asked()

    def answered(model: Any, parsed: dict[str, Any], **_: Any) -> None:
        asked.requests[model.name] += 1
        if model.name == "GetObject":
            asked.read_bytes += parsed.get("ContentLength", 0)

    def sent(request: Any, **_: Any) -> None:
        asked.put.append(request.url)

    with listening(store, "after-call.s3", answered), listening(store, "before-send.s3.PutObject", sent):
        yield asked
