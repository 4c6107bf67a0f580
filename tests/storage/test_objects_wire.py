"""What a connection or a server does to bytes on their way is told apart from what the archive holds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from pydantic import SecretStr

from storage.model.errors import FixityError, StorageError
from storage.objects import BODY_TRIES, S3Settings, Store

WHOLE = b"what was stored"
Answer = Callable[[BaseHTTPRequestHandler], None]


def whole(request: BaseHTTPRequestHandler) -> None:
    answer(request, WHOLE, **{"Content-Length": str(len(WHOLE))})


def cut(request: BaseHTTPRequestHandler) -> None:
    answer(request, WHOLE[:4], **{"Content-Length": str(len(WHOLE))})


def wrong_checksum(request: BaseHTTPRequestHandler) -> None:
    answer(request, WHOLE, **{"Content-Length": str(len(WHOLE)), "x-amz-checksum-crc32": "AAAAAA=="})


def busy(request: BaseHTTPRequestHandler) -> None:
    request.send_error(503)


def answer(request: BaseHTTPRequestHandler, body: bytes, **headers: str) -> None:
    request.send_response(200)
    for name, value in headers.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)
    request.close_connection = True


@contextmanager
def serving(*answers: Answer) -> Iterator[tuple[Store, list[str]]]:
    """Give each GET the next of *answers*, the last one for ever; the list fills with the paths asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            answers[min(len(asked), len(answers)) - 1](self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        endpoint = f"http://127.0.0.1:{server.server_port}"
        yield Store(S3Settings(endpoint_url=endpoint, bucket="b", access_key="a", secret_key=SecretStr("s"))), asked
        server.shutdown()
        thread.join()


def test_a_body_cut_on_its_way_is_asked_for_again() -> None:
    with serving(cut, whole) as (store, asked):
        assert store.read("warc/a") == WHOLE
        assert asked == ["/b/warc/a"] * 2


def test_a_body_that_is_always_cut_is_a_storage_error() -> None:
    with serving(cut) as (store, asked):
        with pytest.raises(StorageError):
            store.read_range("warc/a", 0, len(WHOLE))
        assert len(asked) == BODY_TRIES


def test_a_server_that_is_busy_is_asked_again() -> None:
    with serving(busy, whole) as (store, asked):
        assert store.read("warc/a") == WHOLE
        assert len(asked) == 2


def test_one_range_read_is_one_request() -> None:
    with serving(whole) as (store, asked):
        assert store.read_range("warc/a", 0, len(WHOLE)) == WHOLE
        assert asked == ["/b/warc/a"]


def test_a_body_that_is_not_its_checksums_is_a_fixity_error() -> None:
    with serving(wrong_checksum) as (store, _), pytest.raises(FixityError):
        store.read("warc/a")
