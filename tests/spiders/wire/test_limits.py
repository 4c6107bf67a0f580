"""What is received has limits: an answer beyond one is cut there, kept as far as it came, and not asked for again."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage.warc.received_limits import RECEIVED
from tests.spiders.lab import Lab
from tests.spiders.raw_origin import Action, RawOrigin

MIB = 1 << 20
CHUNKED = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n"


def pour(pieces: Iterator[bytes], sent: list[int]) -> Action:
    """Send *pieces* as long as somebody takes them; note in *sent* how many bytes went."""

    def act(connection: socket.socket) -> bool:
        for piece in pieces:
            connection.sendall(piece)
            sent[0] += len(piece)
        return False

    return act


def endless(head: bytes, piece: bytes) -> Iterator[bytes]:
    yield head
    for _ in range(100 * MIB // len(piece)):
        yield piece


BEHIND = {
    "a fault in the chunks": (CHUNKED + b"zz\r\n", b"x" * 65536),
    "a chunk's extension": (CHUNKED, b"1;" + b"e" * 16_000 + b"\r\nx\r\n"),
    "tiny chunks": (CHUNKED, b"1\r\nx\r\n" * 10_000),
    "trailers": (CHUNKED + b"0\r\n", b"X-Trailer: y\r\n" * 4000),
    "a body": (b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536),
}


@pytest.mark.parametrize("what", BEHIND)
def test_what_is_endless_is_cut_and_kept_as_far_as_it_came(tmp_path: Path, what: str) -> None:
    lab = Lab(tmp_path, DOWNLOAD_MAXSIZE=2 * MIB)
    sent = [0]
    with RawOrigin({"/": pour(endless(*BEHIND[what]), sent)}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    assert sent[0] < 16 * MIB, "the kernel's buffers hold some"
    assert (fetched.outcome.state, fetched.outcome.reason) == ("failed", "length")
    records = lab.records()
    assert records[0].truncated == "length"
    assert records[0].block.startswith(BEHIND[what][0])
    assert len(records[0].block) < 4 * MIB


HEADS = {
    "one line": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 2 * RECEIVED.head_bytes,
    "many lines": b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * (RECEIVED.head_lines + 1) + b"\r\n",
    "interim answers": b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 20_000,
}


@pytest.mark.parametrize("what", HEADS)
def test_a_head_beyond_the_limits_is_no_answer(tmp_path: Path, what: str) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": pour(iter([HEADS[what]]), [0])}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    assert (fetched.outcome.status, fetched.outcome.reason) == (None, "length")
    assert [record.type for record in lab.records()] == ["request", "metadata"]


def test_small_chunks_of_an_honest_page_are_taken(tmp_path: Path) -> None:
    answer = CHUNKED + b"40;ext=1\r\n" + b"x" * 64 + b"\r\n"
    answer += b"10\r\n0123456789abcdef\r\n" * 50_000 + b"0\r\nX-Trailer: y\r\n\r\n"
    lab = Lab(tmp_path)
    with RawOrigin({"/": pour(iter([answer]), [0])}) as origin:
        fetched = lab.fetch(f"http://127.0.0.1:{origin.port}/")
    assert fetched.outcome.state == "captured"
    assert lab.records()[0].block == answer
