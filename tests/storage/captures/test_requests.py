"""Requests that are not GET: what is written of them says again what they were."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.captures.exchange import Exchange, Failure
from storage.captures.index import read_cdxj, write_cdxj, write_index
from storage.captures.writer import WarcWriter
from storage.ledger import read_ledger, write_ledger
from storage.model.outcome import Outcome
from storage.packed import unpack
from storage.request_key import make_request_query, make_request_url
from storage.surt import urlkey
from storage.warc.check import check_warc
from tests.storage.captures.test_index import KEY, indexed
from tests.storage.exchanges import CRAWL, FACTS, PAGE, Ticking, exchange, good, known_of, writer

URL = "http://faro.hemeroteca.test/search"
FORM = "application/x-www-form-urlencoded"
HEAD_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 500\r\n\r\n"


def asked(
    method: str, body: bytes = b"", answer: bytes = PAGE, failure: Failure | None = None, url: str = URL
) -> Exchange:
    """Return an ended exchange that sent a form of *body* to *url* and received *answer*; of a failure neither."""
    made = Exchange(url, method, FACTS, Ticking())
    made.request_query = make_request_query(FORM, body)
    if not failure:
        made.begin("127.0.0.1")
        head = b"%b /search HTTP/1.1\r\nContent-Type: %b\r\nContent-Length: %d" % (
            method.encode(),
            FORM.encode(),
            len(body),
        )
        made.sent(head + b"\r\n\r\n" + body)
        made.received(answer)
    made.end(failure)
    return made


def write_all(warc: WarcWriter, *exchanges: Exchange) -> tuple[Path, list[Outcome]]:
    outcomes = [warc.write(one, None) for one in exchanges]
    return warc.close()[0], outcomes


@pytest.mark.parametrize(
    ("method", "body", "answer", "failure"),
    [
        ("POST", b"q=peace", PAGE, None),
        ("POST", b"", PAGE, None),
        ("POST", b"q=+%0D%0AWARC-Type:+x%E2%80%A8+", PAGE, None),
        ("POST", b"q=" + b"x" * 5000, PAGE, None),
        ("PUT", b"\xff", b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n", None),
        ("HEAD", b"", HEAD_ANSWER, None),
        ("OPTIONS", b"", b"HTTP/1.1 204 No Content\r\nAllow: GET\r\n\r\n", None),
        ("POST", b"q=peace", PAGE.removesuffix(b"lo"), None),
        ("POST", b"q=peace", b"", Failure("dns")),
    ],
)
def test_an_outcome_and_a_capture_are_remade_from_the_records(
    tmp_path: Path, method: str, body: bytes, answer: bytes, failure: Failure | None
) -> None:
    path, (live,) = write_all(writer(tmp_path), asked(method, body, answer, failure))
    captures, _, (outcome,) = indexed(path)
    assert outcome == live
    assert outcome.url == make_request_url(URL, method, FORM, body)
    assert outcome.urlkey == urlkey(outcome.url)
    assert [(one.target_uri, one.method, one.urlkey) for one in captures] == [
        (URL, method, outcome.urlkey) for _ in captures if not failure
    ]
    assert read_ledger(write_ledger([outcome])) == [outcome]
    assert read_cdxj(write_cdxj(captures)) == captures
    assert good(path) and not check_warc(path).problems


def test_a_cdxj_line_has_method_and_body_as_replay_tools_read_them(tmp_path: Path) -> None:
    path, _ = write_all(writer(tmp_path), asked("POST", b"q=peace"), asked("HEAD", answer=HEAD_ANSWER), exchange(PAGE))
    made = write_index(path, CRAWL, KEY)
    assert read_cdxj(made.cdxj) == sorted(indexed(path).captures, key=lambda one: one.urlkey)
    _, page, head, post = unpack(made.cdxj, 1_000_000).decode().splitlines()
    assert '"method"' not in page and '"requestBody"' not in page
    assert head.startswith("test,hemeroteca,faro)/search?__wb_method=head 2026")
    assert '"method": "HEAD"' in head and '"requestBody"' not in head
    assert post.startswith("test,hemeroteca,faro)/search?__wb_method=post&q=peace 2026")
    assert '"method": "POST", "requestBody": "q=peace"' in post and f'"url": "{URL}"' in post


def test_a_post_is_a_revisit_of_a_page_and_no_page_is_a_revisit_of_a_post(tmp_path: Path) -> None:
    other = PAGE.replace(b"hello", b"HELLO")
    path, _ = write_all(
        writer(tmp_path),
        asked("POST", b"q=1", other),
        asked("GET", answer=other),
        asked("POST", b"q=2", other),
        asked("POST", b"q=3", other),
    )
    captures, _, outcomes = indexed(path)
    assert [one.record_type for one in captures] == ["response", "response", "revisit", "revisit"]
    assert [one.state for one in outcomes] == ["captured", "captured", "unchanged", "unchanged"]
    assert {one.refers_to for one in captures[2:]} == {captures[1].record_id}
    assert [one.request_query for one in captures] == ["q=1", None, "q=2", "q=3"]
    assert good(path) and not check_warc(path).problems


def test_a_revisit_by_what_is_known_keeps_its_request(tmp_path: Path) -> None:
    for name in ("1", "2"):
        (tmp_path / name).mkdir()
    first = writer(tmp_path / "1")
    page = first.write(asked("GET"), None)
    second = writer(tmp_path / "2")
    live = second.write(asked("POST", b"q=1"), known_of(page))
    captures, _, outcomes = indexed(second.close()[0])
    first.close()
    assert outcomes == [live] and live.url == f"{URL}?__wb_method=POST&q=1"
    assert [(one.record_type, one.method) for one in captures] == [("revisit", "POST")]
