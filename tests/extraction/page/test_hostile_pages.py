"""Pages that somebody wrote to keep a parser busy: each is refused at once, or costs what its length allows."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from hemeroteca.extraction.article import extract_page, load_models
from hemeroteca.extraction.page.tree import count_visible_characters
from storage.model.errors import NoMainTextError
from tests.extraction.pages import article, page

CPU_SECONDS = 0.5
Make = Callable[[int], str]
PAGES: dict[str, tuple[Make, int]] = {
    "attributes": (lambda n: "<div " + " ".join(f"a{at}=1" for at in range(n)) + ">x</div>", 200_000),
    "elements": (lambda n: "word<br>" * n, 300_000),
    "blocks in blocks": (lambda n: "<div>" * n, 200_000),
    "tables in tables": (lambda n: "<table><a href=/x>y</a><tr><td>" * n, 8000),
    "scripts that never end": (lambda n: "<script>x" * n, 100_000),
    "styles and comments that never end": (lambda n: "<style><!--" * n, 100_000),
    "titles that never end": (lambda n: "<title" * n, 100_000),
    "metas of quotes": (lambda n: "<meta '\"" * n, 50_000),
    "JSON-LD of lists": (lambda n: '<script type="application/ld+json">{"a":' + "[" * n + "</script>", 200_000),
    "data in lists of lists": (lambda n: as_data("[" * 300 + json.dumps("A sentence. " * n) + "]" * 300), 100_000),
    "data in data": (lambda n: as_data("[" * 300 + json.dumps(json.dumps(["A sentence."] * n)) + "]" * 300), 50_000),
    "rows of components": (lambda n: '<script>self.__next_f.push([1,"' + "1:[\\n" * n + '"])</script>', 100_000),
    "assignments in vain": (lambda n: "<script>" + 'x={"a":1,b;' * n + "</script>", 50_000),
    "strings that never end": (lambda n: "<script>" + 'x="\\"' * n + "</script>", 50_000),
    "one word": (lambda n: "<p>" + "a" * n, 1_000_000),
    "spaces": (lambda n: "<p>a" + " " * n + "b", 1_000_000),
    "brackets": (lambda n: "<p>" + "[" * n, 200_000),
}


def as_data(text: str) -> str:
    return f'<script type="application/json">{text}</script>'


def measure(source: str) -> float:
    begun = time.process_time()
    with suppress(NoMainTextError):
        extract_page(page(source))
    return time.process_time() - begun


@pytest.mark.parametrize("what", PAGES)
def test_the_worst_page_costs_little(what: str) -> None:
    load_models()
    measure(article())
    make, size = PAGES[what]
    assert measure(make(size) + article()) < CPU_SECONDS


def test_what_is_over_a_bound_says_so() -> None:
    with pytest.raises(NoMainTextError, match="parser_limit: more than 25,000 attributes"):
        extract_page(page("<div " + " ".join(f"a{at}=1" for at in range(50_000)) + ">" + article()))


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("ab<!-- no -->cd", 4),
        ("ab<!-- no", 8),
        ("a<script>no</script >b<STYLE>no</Style>c", 3),
        ("a<script>yes<script>yes", 7),
        ("<scripts>ab</scripts>", 2),
    ],
)
def test_what_no_reader_sees_is_not_counted(source: str, shown: int) -> None:
    assert count_visible_characters(source) == shown
