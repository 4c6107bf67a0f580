"""Bodies of hundreds of megabytes and bombs cost a crawl disk, not memory."""

from __future__ import annotations

import hashlib
import socket
import time
from pathlib import Path

from storage.captures.index import index_warc
from storage.model.limits import CrawlLimits
from storage.model.source import Discovery
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.raw_origin import Action, RawOrigin, reply
from tests.spiders.wire.test_handler import counted

MIB = 1024 * 1024
BIG = 200 * MIB
MOST_MEMORY_KIB = 200 * 1024


def endless(size: int) -> Action:
    """Send *size* bytes that hardly compress, of which nobody holds more than one piece."""
    piece = hashlib.shake_256(b"big").digest(MIB)

    def act(connection: socket.socket) -> bool:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n" % size)
        for _ in range(size // MIB):
            connection.sendall(piece)
        return True

    return act


def peak_kib(run: Run) -> int:
    """Return the most memory that the process had, once it ended."""
    peak = 0
    while run.process.poll() is None:
        status = Path(f"/proc/{run.process.pid}/status").read_text().splitlines()
        peak = max([peak, *(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))])
        time.sleep(0.02)
    return peak


class Origin(RawOrigin):
    """A raw origin that is found as a press is: by a connect_to rule."""

    @property
    def connect_to(self) -> tuple[str, ...]:
        return (f"::127.0.0.1:{self.port}",)


def crawl(directory: Path, action: Action, limit: int) -> tuple[Run, int]:
    page = b'<a href="/noticias/una-noticia-larga-2026">a</a>'
    actions = {"/robots.txt": reply(counted(b"")), "/": reply(counted(page, b"Content-Type: text/html"))}
    with Origin(actions | {"/noticias/una-noticia-larga-2026": action}) as origin:
        source = card(discoveries=(Discovery(kind="section", url="http://paper.test/"),))
        run = Run(origin, task_of(directory, source), limits=CrawlLimits(max_body_bytes=limit))
        peak = peak_kib(run)
        run.wait()
    return run, peak


def test_a_body_of_200_mb_is_stored_whole_in_the_memory_of_a_small_one(tmp_path: Path) -> None:
    run, peak = crawl(tmp_path, endless(BIG), limit=2 * BIG)
    outcome = run.outcomes()["http://paper.test/noticias/una-noticia-larga-2026"]
    assert (outcome.state, outcome.wire_bytes > BIG, outcome.flags) == ("captured", True, ("too_large",))
    assert peak < MOST_MEMORY_KIB
    (path,) = run.directory().glob("*.warc.gz")
    index = index_warc(path, run.tasks[0].crawl, path.name)
    assert outcome.record_id in {capture.record_id for capture in index.captures}
    assert {o.url: o.flags for o in index.outcomes}[outcome.url] == outcome.flags
    assert not [entry for entry in run.directory().iterdir() if entry.name.startswith("tmp")]


def test_a_body_beyond_the_configured_limit_is_cut_there(tmp_path: Path) -> None:
    run, peak = crawl(tmp_path, endless(BIG), limit=40 * MIB)
    outcome = run.outcomes()["http://paper.test/noticias/una-noticia-larga-2026"]
    assert (outcome.state, outcome.reason, outcome.flags) == ("failed", "length", ("truncated",))
    assert 40 * MIB < outcome.wire_bytes < 50 * MIB
    assert peak < MOST_MEMORY_KIB
    assert "WARC-Truncated" in {name for record in run.records() for name, _ in record.headers}
