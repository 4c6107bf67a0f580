"""Request URLs: those of pywb 2.10, as it made them, and where ours differ on purpose."""

from __future__ import annotations

import hashlib
import json
import time

import pytest

from storage.request_key import (
    MAX_PARSED_BYTES,
    MAX_QUERY_CHARACTERS,
    is_request_url,
    join_request_url,
    make_request_query,
    make_request_url,
)
from storage.surt import urlkey

URL = "https://a.test/s?x=1"
FORM = "application/x-www-form-urlencoded"
MULTIPART = "multipart/form-data; boundary=XX"
JSON = "application/json"


def multipart(*parts: bytes) -> bytes:
    return b"".join(b"--XX\r\n" + part + b"\r\n" for part in parts) + b"--XX--\r\n"


def form_field(name: bytes, value: bytes, more: bytes = b"") -> bytes:
    return b'Content-Disposition: form-data; name="' + name + b'"' + more + b"\r\n\r\n" + value


UPLOAD = b'; filename="a.bin"\r\nContent-Type: application/octet-stream'
NESTED = (
    b'{"type": "event", "id": 44.0, "float": 35.7, "values": [true, false, null],'
    b' "source": {"type": "component", "id": "a+b&c= d", "values": [3, 4]}}'
)
OF_PYWB: list[tuple[str, str | None, bytes, str, str]] = [
    ("POST", None, b"", "__wb_method=POST", "__wb_method=post&x=1"),
    ("HEAD", None, b"", "__wb_method=HEAD", "__wb_method=head&x=1"),
    ("OPTIONS", None, b"", "__wb_method=OPTIONS", "__wb_method=options&x=1"),
    ("PUT", FORM, b"a=1", "__wb_method=PUT&a=1", "__wb_method=put&a=1&x=1"),
    ("POST", FORM, b"q=peace&page=2", "__wb_method=POST&q=peace&page=2", "__wb_method=post&page=2&q=peace&x=1"),
    ("POST", f"{FORM}; charset=utf-8", b"q=a%2Bb", "__wb_method=POST&q=a+b", "__wb_method=post&q=a+b&x=1"),
    ("POST", FORM, b"q=\xff\xfe", "__wb_method=POST&__wb_post_data=cT3//g==",
     "__wb_method=post&__wb_post_data=ct3//g==&x=1"),
    ("POST", FORM, b"B=2&a=1&A=0", "__wb_method=POST&B=2&a=1&A=0", "__wb_method=post&a=0&a=1&b=2&x=1"),
    ("POST", MULTIPART, multipart(form_field(b"q", b"peace"), form_field(b"page", b"2")),
     "__wb_method=POST&q=peace&page=2", "__wb_method=post&page=2&q=peace&x=1"),
    ("POST", MULTIPART, multipart(form_field(b"q", "café & té".encode()), form_field(b"f", b"\x00\xff", UPLOAD)),
     "__wb_method=POST&q=caf%C3%A9+%26+t%C3%A9&f=%00%FF", "+t%c3%a9&__wb_method=post&f=%00%ff&q=caf%c3%a9+&x=1"),
    ("POST", 'multipart/form-data; boundary="XX"', multipart(form_field(b"q", b"two\r\nlines")),
     "__wb_method=POST&q=two%0D%0Alines", "__wb_method=post&q=two%0d%0alines&x=1"),
    ("POST", "multipart/form-data", b"--", "__wb_method=POST&__wb_post_data=LS0=",
     "__wb_method=post&__wb_post_data=ls0=&x=1"),
    ("POST", JSON, b'{"a": "b", "c": {"a": 2}, "g": [false, null]}', "__wb_method=POST&a=b&a.2_=2&g=false&g.2_=null",
     "__wb_method=post&a=b&a.2_=2&g=false&g.2_=null&x=1"),
    ("POST", JSON, NESTED, "__wb_method=POST&type=event&id=44&float=35.7&values=true&values.2_=false&values.3_=null"
     "&type.2_=component&id.2_=a%2Bb%26c%3D+d&values.4_=3&values.5_=4",
     "__wb_method=post&c=+d&float=35.7&id=44&id.2_=a+b&type=event&type.2_=component&values=true&values.2_=false"
     "&values.3_=null&values.4_=3&values.5_=4&x=1"),
    ("POST", f"{JSON}; charset=utf-8", '{"q": "café", "": "x", "n": {"": 1}, "e": []}'.encode(),
     "__wb_method=POST&q=caf%C3%A9", "__wb_method=post&q=caf%c3%a9&x=1"),
    ("POST", JSON, b'{"a.2_": 1, "a": 2, "b": {"a": 3}}', "__wb_method=POST&a.2_=3&a=2",
     "__wb_method=post&a=2&a.2_=3&x=1"),
    ("POST", JSON, b'{"big": 12345678901234567890, "neg": -0.0, "small": 1e-7, "nan": NaN}',
     "__wb_method=POST&big=12345678901234567890&neg=0&small=1e-07&nan=nan",
     "__wb_method=post&big=12345678901234567890&nan=nan&neg=0&small=1e-07&x=1"),
    ("POST", "text/plain", b'{"a": 1}', "__wb_method=POST&a=1", "__wb_method=post&a=1&x=1"),
    ("POST", "text/plain", b"hello", "__wb_method=POST&__wb_post_data=aGVsbG8=",
     "__wb_method=post&__wb_post_data=agvsbg8=&x=1"),
    ("POST", None, b"\x00\x01", "__wb_method=POST&__wb_post_data=AAE=", "__wb_method=post&__wb_post_data=aae=&x=1"),
]  # fmt: skip
"""Method, Content-Type, body, and what pywb and surt made of them."""

SAME_KEY: list[tuple[bytes, str, str]] = [
    (b"q=caf%C3%A9+con+leche&p=%26x", "q=caf%C3%A9%20con%20leche&p=&x",
     "__wb_method=post&p=&q=caf%c3%a9%20con%20leche&x&x=1"),
    (b"text=one%0D%0Atwo%09three", "text=onetwothree", "__wb_method=post&text=onetwothree&x=1"),
    (b"a=100%25&b=%2541", "a=100%25&b=%2541", "__wb_method=post&a=100%25&b=a&x=1"),
    (b"q=%ff", "q=%EF%BF%BD", "__wb_method=post&q=%ef%bf%bd&x=1"),
    (b"text=%201+", "text=%201", "__wb_method=post&text=%201&x=1"),
]  # fmt: skip
"""Forms whose query pywb writes with spaces and characters that no URL has; the key is the same."""


def query_of(url: str) -> str:
    return url.removeprefix(f"{URL}&")


@pytest.mark.parametrize(("method", "content_type", "body", "query", "key"), OF_PYWB)
def test_a_request_url_and_its_key_are_those_of_pywb(
    method: str, content_type: str | None, body: bytes, query: str, key: str
) -> None:
    made = make_request_url(URL, method, content_type, body)
    assert query_of(made) == query
    assert urlkey(made) == f"test,a)/s?{key}"


@pytest.mark.parametrize(("body", "query", "key"), SAME_KEY)
def test_a_form_gives_a_query_that_a_url_can_have_and_the_key_of_pywb(body: bytes, query: str, key: str) -> None:
    made = make_request_url(URL, "POST", FORM, body)
    assert query_of(made) == f"__wb_method=POST&{query}"
    assert urlkey(made) == f"test,a)/s?{key}"


def test_a_get_has_its_own_url_whatever_it_sends() -> None:
    assert make_request_url(URL, "GET", FORM, b"q=1") == join_request_url(URL, None, None) == URL
    assert not is_request_url(URL)


@pytest.mark.parametrize("url", ["https://a.test", "https://a.test/", "https://a.test/s?x&"])
def test_a_request_url_is_told_from_an_address(url: str) -> None:
    made = make_request_url(url, "post", None, b"")
    assert made == f"{url}{'&' if '?' in url else '?'}__wb_method=POST"
    assert is_request_url(made)


@pytest.mark.parametrize(
    ("method", "content_type", "bodies"),
    [
        ("POST", FORM, (b"color=%23fff&q=1", b"color=%23fff&q=2", b"color=%23000&q=1")),
        ("POST", JSON, (b"[1, 2]", b"[2, 1]", b"not json", b'"\xff"', b'{"a": Infinity}', b'{"a": "\\ud800"}')),
        ("POST", "text/plain", (b"5", b"6")),
        ("POST", MULTIPART, (b"no parts", b"other parts")),
        ("PATCH", FORM, (b"a=1", b"a=2", b"")),
        ("DELETE", JSON, (b'{"a": 1}', b'{"a": 2}', b"")),
        ("POST", FORM, (b"a=" + b"x" * MAX_QUERY_CHARACTERS, b"a=" + b"x" * MAX_QUERY_CHARACTERS + b"y")),
        ("POST", None, (bytes(MAX_PARSED_BYTES + 1), bytes(MAX_PARSED_BYTES + 2))),
    ],
)
def test_different_bodies_have_different_keys_where_pywb_has_one(
    method: str, content_type: str | None, bodies: tuple[bytes, ...]
) -> None:
    made = {urlkey(make_request_url(URL, method, content_type, body)) for body in bodies}
    assert len(made) == len(bodies)


def test_a_long_body_is_told_by_its_digest() -> None:
    short, long = b"a=" + b"x" * (MAX_QUERY_CHARACTERS - 2), b"a=" + b"x" * (MAX_QUERY_CHARACTERS - 1)
    assert make_request_query(FORM, short) == short.decode()
    assert make_request_query(FORM, long) == f"__wb_post_digest=sha256:{hashlib.sha256(long).hexdigest()}"


HOSTILE: list[tuple[str, bytes]] = [
    (JSON, b"[" * 1_000_000),
    (JSON, b'{"a":' * 150_000 + b"1" + b"}" * 150_000),
    (JSON, b"1" * 1_000_000),
    (JSON, json.dumps({"a": ["b"] * 150_000}).encode()),
    (JSON, b'{"a\\u0000\\u2028\\r\\n": "\\r\\nWARC-Type: x"}'),
    (FORM, b"%" * 1_000_000),
    (FORM, b"%25" * 300_000),
    (FORM, b"a=%0d%0aWARC-Type: x%00%85%e2%80%a8\x1b&\x7f=\xc2\x85"),
    (MULTIPART, b"\r\n--XX" * 150_000),
    (MULTIPART, b"--XX\r\n" + b"content-disposition:" * 50_000),
    (MULTIPART, b"--XX\r\ncontent-disposition: x" + b'; name="' * 120_000),
    (MULTIPART, b"--XX\r\ncontent-disposition: x" + b" name=" * 150_000),
    ("multipart/form-data; boundary=\u20ac", b"--"),
    ('multipart/form-data; boundary="', b"--"),
    ("multipart/form-data; " + "boundary=" * 100_000, b"--"),
    ("text/plain", bytes(range(256))),
    ("\x00\u2028", b"a"),
]


@pytest.mark.parametrize(("content_type", "body"), HOSTILE)
def test_a_hostile_body_costs_little_and_gives_a_line_that_a_record_can_have(content_type: str, body: bytes) -> None:
    begun = time.process_time()
    query = make_request_query(content_type, body)
    urlkey(join_request_url(URL, "POST", query))
    assert time.process_time() - begun < 2
    assert 0 < len(query) <= MAX_QUERY_CHARACTERS
    assert query.isascii() and query.isprintable() and " " not in query and "#" not in query
