"""A worker in which pages do what hostile pages do to libraries, chosen by the path of their address."""

from __future__ import annotations

import os
import signal
import time
from typing import BinaryIO
from urllib.parse import urlsplit

from hemeroteca.extraction import article
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers import worker
from storage.model.document import CleanText

seen: list[str] = []


def behave(page: Page, fold: int | None = None) -> CleanText:
    path = urlsplit(page.url or "/hang").path
    seen.append(path)
    if path == "/hang":
        time.sleep(600)
    if path == "/stop":
        os.kill(os.getpid(), signal.SIGSTOP)
    if path == "/deaf":
        vars(worker)["read_request"] = _stop_instead
    if path == "/abort" or (path == "/weary" and len(seen) > 2):
        os.abort()
    if path == "/eat":
        bytearray(4 * 1024**3)
    if path == "/raise":
        raise KeyError("a library's own trouble")
    if path == "/print":
        print("a library's own words", flush=True)
    if path == "/garble":
        os.write(3, b"\xff" * 64)
        os.closerange(3, 64)
    return CleanText(title=f"{os.getpid()}", published_known="", text=" ".join(sorted(os.environ)))


def _stop_instead(stream: BinaryIO) -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


if __name__ == "__main__":
    article.extract_page = behave
    article.explain_page = behave  # type: ignore[assignment]
    worker.main()
