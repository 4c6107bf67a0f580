"""The data that a page carries for its scripts: values of JSON in scripts and attributes, each with its name.

Where a script is no JSON (a function call, names without quotes), its long strings are its data, in their order.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import unquote

from lxml.html import HtmlElement

from hemeroteca.extraction.page.declared_paywall import is_locked_script

MAX_CHARACTERS = 4_000_000
MIN_CHARACTERS = 250

_SCRIPT_TYPES = re.compile(r"\s*(?:|module|(?:text|application)/(?:x-)?(?:java|ecma)script.*)\s*\Z", re.IGNORECASE)
_END = r"(?:{0}|\Z|(?=\n))"  # a string that never ends is read once, and not from each of its letters
_STRING = "|".join(rf"{one}[^{one}\\\n]*(?:\\[\s\S][^{one}\\\n]*)*" + _END.format(one) for one in ('"', "'"))
_ASSIGNMENT = re.compile(
    r"(?<![\w$])([A-Za-z_$][\w$]{0,80})(?:[\"'][\])]?|\])?\s?(?:=|\.push\()\s?"
    r"(?:JSON\.parse\(\s?)?(?:decodeURIComponent\(\s?)?(?=\{\s?[\"}]|\[\s?[\[{\"\d]|[\"'])"
)
_LITERAL = re.compile(_STRING)
_KEYED_STRING = re.compile(rf"(?:(?<![\w$])([\w$]{{1,40}})[\"']?\s?:\s?)?({_STRING})")
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|([\s\S]))")
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "", "f": "", "v": "", "0": "", "\n": ""}
_FLIGHT_ROW = re.compile(r"^[0-9a-f]{1,6}:(?:T[0-9a-f]+,|I)?", re.MULTILINE)
_FLIGHT = "__next_f"
_LABEL_CHARS = 20
"""Shorter strings are no paragraphs and hardly headlines."""
_MOST_FLIGHT_ROWS = 5_000
_ANGULAR = (("&q;", '"'), ("&s;", "'"), ("&l;", "<"), ("&g;", ">"), ("&a;", "&"))
_MOST_FAILURES = 200
"""Each costs a look at all of the script before it."""
_DECODER = json.JSONDecoder(strict=False)
_NO_JSON = object()


class ScriptStrings(NamedTuple):
    """The longer strings of a script that is no JSON, in their order, each with the name before it, if any."""

    strings: list[tuple[str, str]]
    is_locked: bool
    """The script says that readers must pay."""


class PageData(NamedTuple):
    """A value that scripts read, and the name that the page gives it."""

    name: str
    value: Any


def read_page_data(tree: HtmlElement) -> Iterator[PageData]:
    """Yield the data of a page, at most 4 million characters of it. Never raises."""
    left = MAX_CHARACTERS
    flight: list[str] = []
    for script in tree.iter("script"):
        text, kind = script.text or "", (script.get("type") or "").lower()
        left -= len(text)
        if left < 0 or "ld+json" in kind:
            continue
        if _FLIGHT in text:
            flight += _read_flight_strings(text)
        elif len(text) < MIN_CHARACTERS:
            continue
        elif "json" in kind or "shoebox" in kind:
            yield from _read_json_script(script.get("id") or "application/json", text)
        elif _SCRIPT_TYPES.match(kind):
            yield from _read_script(text)
    if flight:
        rows = _read_flight("".join(flight))
        yield PageData(_FLIGHT, {str(number): row for number, row in enumerate(rows)})
    yield from _read_attributes(tree, left)


def parse_data(text: str) -> Any:
    """Return the value of *text*, which may be JSON as it is, percent-encoded or escaped; None where it is none."""
    value = _load(text)
    if value is _NO_JSON and text[:3].upper() in ("%7B", "%5B"):
        value = _load(unquote(text))
    if value is _NO_JSON and "&q;" in text:
        for escaped, meant in _ANGULAR:
            text = text.replace(escaped, meant)
        value = _load(text)
    return None if value is _NO_JSON else value


def _load(text: str) -> Any:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _NO_JSON


def _read_json_script(name: str, text: str) -> Iterator[PageData]:
    value = parse_data(text.strip().removeprefix("<!--").removesuffix("-->"))
    if name == "__NUXT_DATA__" and isinstance(value, list):
        value = _join_references(value)
    if value is not None:
        yield PageData(name, value)


def _join_references(values: list[Any]) -> Any:
    """Return the first of *values* that holds others, each number in it replaced by the value at that place, once."""
    joined: set[int] = set()

    def look_up(at: Any) -> Any:
        if isinstance(at, bool) or not isinstance(at, int) or not 0 <= at < len(values):
            return at if isinstance(at, str) else None
        value = values[at]
        if isinstance(value, list | dict):
            if at in joined:
                return None
            joined.add(at)
            waiting.append(at)
        return value

    waiting = [next((at for at, value in enumerate(values) if isinstance(value, list | dict)), 0)]
    root = values[waiting[0]] if values else None
    joined.add(waiting[0])
    while waiting:
        value = values[waiting.pop()]
        if isinstance(value, dict):
            value.update({key: look_up(at) for key, at in value.items()})
        elif isinstance(value, list):
            value[:] = [look_up(at) for at in value]
    return root


def _read_script(text: str) -> Iterator[PageData]:
    """Yield the values that the script *text* assigns; its strings where none of them is long."""
    place, failures, found = 0, 0, False
    for assignment in _ASSIGNMENT.finditer(text):
        start = assignment.end()
        if start < place or failures > _MOST_FAILURES:
            continue
        value, place = _read_value(text, start)
        failures += place == start
        if value is not None and place - start >= MIN_CHARACTERS:
            found = True
            yield PageData(assignment[1], value)
    if not found:
        name = re.search(r"([\w$]+)[\"'\]]*\s?=", text[:200])
        strings = [(key, _read_literal(one)) for key, one in _KEYED_STRING.findall(text) if len(one) > _LABEL_CHARS]
        yield PageData(name[1] if name else "script", ScriptStrings(strings, is_locked_script(text)))


def _read_value(text: str, start: int) -> tuple[Any, int]:
    """Return the JSON value or string at *start*, and its end; *start* itself where there is none."""
    if text[start] in "{[":
        try:
            return _DECODER.raw_decode(text, start)
        except (ValueError, RecursionError):
            return None, start
    literal = _LITERAL.match(text, start)
    if literal is None:
        return None, start
    is_long = literal.end() - start >= MIN_CHARACTERS
    return parse_data(_read_literal(literal[0])) if is_long else None, literal.end()


def _read_literal(literal: str) -> str:
    """Return the string of a JavaScript *literal*."""
    return _ESCAPE.sub(_unescape, literal[1:-1]) if "\\" in literal else literal[1:-1]


def _unescape(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    return chr(int(digits, 16)) if digits else _ESCAPED.get(found[3], found[3])


def _read_flight_strings(text: str) -> Iterator[str]:
    """Yield the strings that React's server components push, pieces of one text."""
    for _, string in _KEYED_STRING.findall(text):
        if len(string) > 10:
            yield _read_literal(string)


def _read_flight(text: str) -> Iterator[Any]:
    """Yield the values of the rows of *text*: JSON, or a text as it is."""
    starts = list(itertools.islice(_FLIGHT_ROW.finditer(text), _MOST_FLIGHT_ROWS))
    for start, after in zip(starts, [*starts[1:], None], strict=True):
        row = text[start.end() : after.start() if after else len(text)].strip()
        value = _load(row) if row[:1] in ("{", "[", '"') else _NO_JSON
        yield row if value is _NO_JSON else value


def _read_attributes(tree: HtmlElement, left: int) -> Iterator[PageData]:
    """Yield the JSON in attributes, as Inertia and islands have it."""
    for element in tree.iter():
        for name, text in element.items():
            if len(text) >= MIN_CHARACTERS and text.lstrip()[:1] in ("{", "[") and left >= len(text):
                left -= len(text)
                value = parse_data(text)
                if value is not None:
                    yield PageData(name, value)
