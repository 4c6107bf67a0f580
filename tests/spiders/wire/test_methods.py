"""Requests of every method through the handler: what is sent, what the WARC file and the outcome say of it."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy import FormRequest, Request
from scrapy.http.request.json_request import JsonRequest

from storage.captures.index import index_warc
from storage.request_key import make_request_url
from storage.warc.check import check_warc
from storage.warc.reader import iter_records
from storage.warc.record import WarcRequest
from tests.method_origin import MethodOrigin, make_page
from tests.spiders.lab import CRAWL, Fetched, Lab, run
from tests.spiders.wire.test_handler import judge_file
from tests.warc_records import of_type

KEY = "warc/src/2026/11/24/t-00000.warc.gz"


@pytest.fixture
def origin() -> Iterator[MethodOrigin]:
    with MethodOrigin() as origin:
        yield origin


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    return Lab(tmp_path)


def fetch(lab: Lab, request: Request) -> Fetched:
    """Fetch *request*, which a stock spider made, with what the handler reads of its meta."""
    return run(lab.fetch_request(request.replace(meta=lab.request(request.url).meta)))


def requests_to(url: str) -> list[tuple[Request, str]]:
    """Return a request of each kind, and the request URL of each without *url*."""
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    return [
        (Request(url), ""),
        (FormRequest(url, formdata={"q": "peace", "page": "2"}), "?__wb_method=POST&q=peace&page=2"),
        (FormRequest(url, formdata={"q": "war"}), "?__wb_method=POST&q=war"),
        (JsonRequest(url, data={"q": ["a", "b"]}), "?__wb_method=POST&q=a&q.2_=b"),
        (Request(url, method="PUT", body="x=1", headers=form), "?__wb_method=PUT&x=1"),
        (Request(url, method="POST"), "?__wb_method=POST"),
        (Request(url, method="HEAD"), "?__wb_method=HEAD"),
        (Request(url, method="OPTIONS"), "?__wb_method=OPTIONS"),
        (Request(url, method="DELETE"), "?__wb_method=DELETE"),
    ]


def test_every_method_goes_from_the_wire_to_the_index_under_a_url_of_its_own(origin: MethodOrigin, lab: Lab) -> None:
    url = f"{origin.url}/search"
    wanted = requests_to(url)
    fetched = [fetch(lab, request) for request, _ in wanted]
    path = lab.close()
    for (request, _), got, answer in zip(wanted, origin.received, fetched, strict=True):
        assert (got.method, got.body, answer.require_response().status) == (request.method, request.body, 200)
        page = b"" if request.method == "HEAD" else make_page(request.method, "/search", request.body)
        assert answer.require_response().body == page
    captures, _, outcomes = index_warc(path, CRAWL, KEY)
    assert outcomes == [answer.outcome for answer in fetched]
    assert [outcome.url for outcome in outcomes] == [f"{url}{query}" for _, query in wanted]
    assert {outcome.state for outcome in outcomes} == {"captured"}
    assert [capture.urlkey for capture in captures] == [outcome.urlkey for outcome in outcomes]
    assert len({capture.urlkey for capture in captures}) == len(wanted)
    assert {capture.target_uri for capture in captures} == {url}
    assert [capture.method for capture in captures] == [None, *(request.method for request, _ in wanted[1:])]
    stored = [record.block for record in of_type(list(iter_records(path)), WarcRequest)]
    assert [block.partition(b"\r\n\r\n")[2] for block in stored] == [request.body for request, _ in wanted]
    judge_file(path)
    assert not check_warc(path).problems


def test_an_empty_body_is_said_where_one_is_expected(origin: MethodOrigin, lab: Lab) -> None:
    for method in ("POST", "PUT", "PATCH", "GET", "HEAD", "DELETE", "OPTIONS"):
        fetch(lab, Request(f"{origin.url}/", method=method))
    lab.close()
    lengths = {got.method: got.headers.get("content-length") for got in origin.received}
    assert lengths == {
        "POST": "0",
        "PUT": "0",
        "PATCH": "0",
        "GET": None,
        "HEAD": None,
        "DELETE": None,
        "OPTIONS": None,
    }


def test_a_request_that_was_never_sent_has_its_own_url_too(lab: Lab) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/search"
    live = fetch(lab, FormRequest(url, formdata={"q": "peace"})).outcome
    assert (live.url, live.state, live.reason) == (f"{url}?__wb_method=POST&q=peace", "failed", "connect")
    captures, _, outcomes = index_warc(lab.close(), CRAWL, KEY)
    assert (captures, outcomes) == ([], [live])


def test_the_url_of_the_outcome_is_known_before_the_request_is_sent(origin: MethodOrigin, lab: Lab) -> None:
    request = FormRequest(f"{origin.url}/a?b#c", formdata={"é": "ñ \r\n\x85"}, method="POST")
    content_type = request.headers[b"Content-Type"].decode()
    known = make_request_url(f"{origin.url}/a?b", request.method, content_type, request.body)
    assert fetch(lab, request).outcome.url == known
    lab.close()
