"""Where a response ends, what its payload is, and what its body decodes to."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest
import zstandard

from storage.model.errors import NoMainTextError
from storage.warc.coding import ContentDecoder
from storage.warc.http import HttpFramer, decode_content, make_decoder, parse_head, split_response
from storage.warc.received_limits import RECEIVED
from tests.shared import RESPONSES, CountCases, needs_shared, read_cases

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda body: gzip.compress(body),
    "deflate": lambda body: zlib.compress(body),
    "br": brotli.compress,
    "zstd": zstandard.compress,
}
TEXT = b"el texto de la noticia " * 2000


class Framed:
    """What a framer makes of *wire*, fed in pieces of *size* bytes."""

    def __init__(self, wire: bytes, size: int = 1 << 20, method: str = "GET") -> None:
        self.raw, self.payload = bytearray(), bytearray()
        self.framer = HttpFramer(method, self.raw.extend, self.payload.extend)
        for at in range(0, len(wire), size):
            self.framer.feed(wire[at : at + size])

    def facts(self) -> tuple[object, ...]:
        framer = self.framer
        return bytes(self.raw), bytes(self.payload), framer.state, framer.head, framer.interim, framer.extra


@needs_shared
def test_no_response_of_the_suite_is_framed_otherwise_when_it_comes_in_pieces(
    count_cases: CountCases,
) -> None:
    cases = [case for name in RESPONSES for case in read_cases(name)]
    for case in cases:
        wire = base64.b64decode(case["raw_b64"])
        whole = Framed(wire)
        pieces = Framed(wire, 7 if len(wire) > 10_000 else 1)
        if whole.framer.head:
            assert whole.facts() == pieces.facts(), case
            assert len(whole.raw) + len(whole.framer.interim) + whole.framer.extra == len(wire), case
            assert (whole.framer.interim + whole.raw) == wire[: len(wire) - whole.framer.extra], case
        else:
            assert pieces.framer.head is None, case
            assert not whole.raw, case
            kept = whole.framer.interim + whole.framer.unparsed
            assert kept == wire or (whole.framer.over and wire.startswith(kept)), case
    for name in RESPONSES:
        count_cases(name, len(read_cases(name)), "framed in pieces")


@pytest.mark.parametrize(
    ("wire", "payload", "extra"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabcd", b"abc", 1),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3, 3\r\n\r\nabc", b"abc", 0),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b"", 0),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", b"", 0),
        (CHUNKED + b"3 ;x\r\nabc\r\n1\r\nd\r\n00\r\nT: 1\r\n\r\nrest", b"abcd", 4),
        (b"HTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na", b"a", 0),
    ],
)
def test_a_response_ends_where_its_framing_says(wire: bytes, payload: bytes, extra: int) -> None:
    for size in (1, 2, 3, 1000):
        framed = Framed(wire, size)
        assert framed.framer.done
        assert bytes(framed.payload) == payload
        assert framed.framer.extra == extra


@pytest.mark.parametrize(
    "wire",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: -3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 3, 4\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0x3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\nabc",
        CHUNKED + b"-3\r\nabc\r\n",
        CHUNKED + b"3\r\nabcXX\r\n",
        CHUNKED + b"" + b"1" * 20_000,
        b"HTTP/1.1 abc OK\r\n\r\n",
        b"X: y\r\n" * (RECEIVED.head_bytes // 6 + 1),
    ],
)
def test_framing_that_cannot_be_trusted_is_broken_and_its_bytes_are_kept(wire: bytes) -> None:
    framed = Framed(wire, 1000)
    assert framed.framer.broken
    assert bytes(framed.raw) + framed.framer.unparsed == wire


def test_a_head_keeps_order_and_duplicates() -> None:
    head = parse_head(b"HTTP/1.1 200 Tr\xe8s bien\r\nb: 1\r\nSet-Cookie: x\r\n y\r\nnonsense\r\nset-cookie: z\r\n\r\n")
    assert (head.version, head.status, head.reason) == ("1.1", 200, "Très bien")
    assert head.headers == [(b"b", b"1"), (b"Set-Cookie", b"x y"), (b"set-cookie", b"z")]
    assert head.values(b"set-cookie") == [b"x y", b"z"]


@pytest.mark.parametrize(
    ("line", "media_type"),
    [(b"text/HTML; charset=x", "text/html"), (b"a/b\x0b c", None), (b"nonsense", None), (b"", None)],
)
def test_a_media_type_is_one_or_none(line: bytes, media_type: str | None) -> None:
    assert parse_head(b"HTTP/1.1 200 OK\r\nContent-Type: " + line + b"\r\n\r\n").media_type == media_type


def test_a_cut_chunked_body_gives_the_part_that_is_there() -> None:
    assert split_response(CHUNKED + b"3\r\nabc\r\n5\r\nde")[1] == b"abcde"
    with pytest.raises(NoMainTextError):
        split_response(b"HTTP/1.1 200 OK\r\nContent-")


CODED = {
    b"gzip": gzip.compress(TEXT),
    b"x-gzip": gzip.compress(TEXT[:100]) + gzip.compress(TEXT[100:]) + b"\0\0padding",
    b"deflate": zlib.compress(TEXT),
    b"Deflate": zlib.compress(TEXT)[2:-4],
    b"br": brotli.compress(TEXT),
    b"zstd": zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]),
}


@pytest.mark.parametrize("coding", CODED)
def test_a_content_coding_is_undone_within_its_limit(coding: bytes) -> None:
    headers = [(b"content-ENCODING", coding)]
    assert decode_content(CODED[coding], headers) == TEXT
    assert decode_content(CODED[coding], headers, limit=len(TEXT)) == TEXT
    with pytest.raises(NoMainTextError) as refused:
        decode_content(CODED[coding], headers, limit=len(TEXT) - 1)
    assert refused.value.reason == "too_large"
    with pytest.raises(NoMainTextError) as refused:
        decode_content(CODED[coding][: len(CODED[coding]) // 2], headers)
    assert refused.value.reason == "undecodable"


def test_codings_are_undone_last_to_first_and_unknown_ones_left_alone() -> None:
    twice = brotli.compress(gzip.compress(TEXT))
    assert decode_content(twice, [(b"Content-Encoding", b"gzip, br")]) == TEXT
    assert decode_content(TEXT, [(b"Content-Encoding", b"utf-8"), (b"Content-Encoding", b"identity")]) == TEXT
    assert decode_content(b"", [(b"Content-Encoding", b"gzip")]) == b""


PLAIN = {
    "page": b"<!doctype html><html lang=es><title>A\xc3\xb1o</title><p>" + b"texto " * 200,
    "rules": b"User-agent: *\nDisallow: /x\n",
    "latin-1": b"<html><p>a\xf1o" + b" de la noticia" * 50,
    "UTF-16": "<rss><channel/></rss>".encode("utf-16"),
    "a tab alone": b"\t",
}


@pytest.mark.parametrize("coding", ["gzip", "GZIP", " x-gzip ", "deflate", "br", "zstd", "gzip, gzip", "br, deflate"])
@pytest.mark.parametrize("body", PLAIN.values(), ids=PLAIN)
@pytest.mark.parametrize("size", [1, 5000])
def test_a_plain_body_is_plain_whatever_coding_it_claims(coding: str, body: bytes, size: int) -> None:
    decoder = make_decoder([(b"Content-Encoding", coding.encode())], len(body))
    pieces = [body[at : at + size] for at in range(0, len(body), size)]
    decoded = b"".join(b"".join(decoder.feed(piece)) for piece in pieces)
    assert decoded + b"".join(decoder.end()) == body


@pytest.mark.parametrize(
    ("coding", "packed"),
    [
        ("gzip, gzip", gzip.compress(TEXT)),
        ("gzip", gzip.compress(gzip.compress(TEXT))),
        ("gzip", zlib.compress(TEXT)),
        ("deflate", gzip.compress(TEXT)),
        ("", gzip.compress(TEXT[:9]) + gzip.compress(TEXT[9:])),
        ("identity", gzip.compress(TEXT)),
        ("", zstandard.compress(TEXT)),
        ("gzip, gzip, br, gzip, deflate", zlib.compress(gzip.compress(brotli.compress(gzip.compress(TEXT))))),
    ],
)
@pytest.mark.parametrize("size", [1, 5000])
def test_a_body_is_unpacked_by_what_it_is_where_its_header_lies(coding: str, packed: bytes, size: int) -> None:
    headers = [(b"Content-Encoding", coding.encode()), (b"Content-Type", b"text/html")]
    decoder = make_decoder(headers, len(TEXT))
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert b"".join(b"".join(decoder.feed(piece)) for piece in pieces) + b"".join(decoder.end()) == TEXT
    assert decode_content(packed, headers) == TEXT
    with pytest.raises(NoMainTextError, match="undecodable"):
        decode_content(packed[: len(packed) // 2], headers)


def test_a_file_that_is_meant_to_be_packed_stays_so() -> None:
    packed = gzip.compress(TEXT)
    for media_type in (b"application/gzip", b"application/x-gzip", b"application/octet-stream", b"image/svgz"):
        assert decode_content(packed, [(b"Content-Type", media_type)]) == packed
    assert decode_content(packed, []) == TEXT


def test_what_is_neither_text_nor_what_it_claims_is_undecodable() -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
    for coding in (b"gzip", b"br", b"zstd", b"deflate"):
        with pytest.raises(NoMainTextError, match="undecodable"):
            decode_content(picture, [(b"Content-Encoding", coding)])


def test_more_than_five_codings_are_undecodable_however_many_they_are() -> None:
    for times in (6, 5000):
        with pytest.raises(NoMainTextError, match="more than 5"):
            decode_content(TEXT, [(b"Content-Encoding", b", ".join([b"gzip"] * times))])
    assert decode_content(TEXT, [(b"Content-Encoding", b", ".join([b"identity"] * 5000))]) == TEXT


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_bomb_is_refused(coding: str) -> None:
    with pytest.raises(NoMainTextError, match="too_large"):
        decode_content(COMPRESS[coding](bytes(1 << 27)), [(b"Content-Encoding", coding.encode())])


@pytest.mark.parametrize("coding", CODED)
@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_content_coding_is_undone_as_the_bytes_come(coding: bytes, size: int) -> None:
    decoder = ContentDecoder([coding.decode().lower()], len(TEXT))
    packed = CODED[coding]
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    assert b"".join(b"".join(decoder.feed(piece)) for piece in pieces) + b"".join(decoder.end()) == TEXT


@pytest.mark.parametrize("coding", COMPRESS)
def test_no_piece_that_a_bomb_decodes_to_is_large(coding: str) -> None:
    bomb = COMPRESS[coding](bytes(1 << 24))
    decoder = ContentDecoder([coding], 1 << 24)
    sizes = [len(piece) for piece in (*decoder.feed(bomb), *decoder.end())]
    assert sum(sizes) == 1 << 24
    assert max(sizes) <= 8 << 20
