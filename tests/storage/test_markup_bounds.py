"""A page that would cost a parser more than its length is refused before one sees it; untidy pages are not."""

from __future__ import annotations

import pytest

from storage.model.errors import ParserLimitError
from storage.model.markup_bounds import check_markup

UNTIDY = {
    "paragraphs and items that nobody closes": b"<ul>" + b"<li><p>text" * 20_000,
    "cells and rows that nobody closes": b"<table>" + b"<tr><td><b>x</b><td>y" * 10_000,
    "spans that end with their block": b"<div><span><em>x</div>" * 10_000,
    "links in links": b"<a href=/x>y" * 20_000,
    "blocks side by side": b"<div><object><p>x</object></div>" * 10_000,
    "a script that writes tags": b"<script>" + b"'<div>'" * 20_000 + b"</script>",
    "scripts and titles side by side": b"<script>x</script><b><title>y</title></b>" * 1000,
    "a comment": b"<!--" + b"<div>" * 20_000 + b"-->",
    "end tags without a beginning": b"</div></b></td>" * 20_000,
    "data in an attribute": b"<div data-x='" + b'{"a": 1, "b": 2}' * 20_000 + b"'>x</div>",
    "a large image": b"<img alt=x src='data:" + b"A" * 500_000 + b"'>",
}


@pytest.mark.parametrize("what", UNTIDY)
def test_an_untidy_page_is_within_bounds(what: str) -> None:
    check_markup(UNTIDY[what])


HOSTILE = {
    "blocks": (b"<div>" * 1000, "nested"),
    "links in objects": (b"<a href=/x><object>" * 1000, "nested"),
    "tables in tables": (b"<table><a href=/x>y</a><tr><td>" * 1000, "nested"),
    "ends that reach nothing": (b"<div><div><object></div></div>" * 500, "nested"),
    "formatting": (b"".join(b"<font a%d><p>" % number for number in range(400)), "formatting"),
    "formatting that blocks leave open": (b"".join(b"<div><b a%d></div>" % at for at in range(400)), "formatting"),
    "formatting in many blocks": (
        b"".join(b"<font a%d>" % at for at in range(200)) + b"<p>x" * 5000,
        "opened again",
    ),
    "elements": (b"<br>" * 200_000, "elements"),
    "attributes": (b"<a " + b" ".join(b"a%d=1" % at for at in range(5000)) + b">", "attributes"),
    "blocks behind an empty comment": (b"<!-->" + b"<div>" * 1000, "nested"),
    "blocks in a foreign style": (b"<svg><style>" + b"<g>" * 1000, "nested"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_page_is_beyond_them(what: str) -> None:
    body, bound = HOSTILE[what]
    with pytest.raises(ParserLimitError, match=bound):
        check_markup(body)
