"""A parse worker that does what hostile documents make libraries do, chosen by a document's address."""

from __future__ import annotations

import os
import time

from spiders.parsing import parse_worker
from spiders.parsing.parsers import FEED, PARSERS, Parser

seen: list[str] = []


def behave(body: bytes, url: str) -> object:
    name = url.rpartition("/")[2]
    seen.append(name)
    if name == "weary" and len(seen) > 1:
        os.abort()
    if name == "full" and len(seen) > 1:
        raise MemoryError
    if name == "spin":
        while True:
            pass
    if name == "hang":
        time.sleep(600)
    if name == "abort":
        os.abort()
    if name == "eat":
        bytearray(4 * 1024**3)
    if name == "raise":
        raise KeyError("a library's own trouble")
    return FEED.parse(body, url)


if __name__ == "__main__":
    PARSERS["feed"] = Parser("feed", behave, FEED.form)  # type: ignore[arg-type]
    parse_worker.main()
