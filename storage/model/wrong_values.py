"""What is wrong with a value that somebody wrote, and where it is, as a person would say it.

pydantic finds the fault; none of its words and none of our names for types reach a reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from pydantic_core import ErrorDetails

_MOST_SHOWN = 60

_WANTED: dict[str, str] = {
    "int": "a whole number",
    "float": "a number",
    "finite_number": "a number",
    "bool": "true or false",
    "string": "text",
    "path": "the name of a file or folder",
    "date": "a date such as 2026-03-01",
    "datetime": "a time such as 2026-03-01T02:00Z",
    "timezone": "a time with its zone, such as 2026-03-01T02:00Z",
    "tuple": "a list",
    "list": "a list",
    "dict": "names with their values",
    "model": "names with their values",
}
"""By how the kinds of fault begin: what a value must be."""

_BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than_equal": ("ge", "{} or more"),
    "greater_than": ("gt", "more than {}"),
    "less_than_equal": ("le", "{} or less"),
    "less_than": ("lt", "less than {}"),
    "literal_error": ("expected", "{}"),
}
_LENGTHS: dict[str, tuple[str, str, str]] = {
    "string_too_short": ("min_length", "at least {} characters", "must not be empty"),
    "string_too_long": ("max_length", "at most {} characters", ""),
    "too_short": ("min_length", "at least {} entries", "must not be empty"),
    "too_long": ("max_length", "at most {} entries", ""),
}


def written_as(pattern: str, wanted: str) -> Callable[[str], str]:
    """Return a check that a text fits *pattern* as a whole; its error says that it must be *wanted*."""
    compiled = re.compile(pattern)

    def check(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"must be {wanted}, not {show_value(text)}")
        return text

    return check


def reason_of(fault: ErrorDetails, with_value: bool = True) -> str:
    """Return what is wrong, with the value unless it is a secret: ``must be a whole number, not 'many'``."""
    kind, said = fault["type"], fault.get("ctx", {})
    if kind == "missing":
        return "field required"
    if kind == "extra_forbidden":
        return "no such field"
    if kind == "value_error":
        return fault["msg"].removeprefix("Value error, ")
    if kind == "json_invalid":
        return f"not JSON: {said['error']}"
    if kind in _LENGTHS:
        return _tell_length(kind, said)
    if kind == "string_type" and isinstance(fault["input"], int | float):
        return f"must be text: put {show_value(fault['input'])} in quotes"
    wanted = _tell_wanted(kind, said)
    if not wanted:
        return "cannot be used here" if not with_value else f"{show_value(fault['input'])} cannot be used here"
    return f"must be {wanted}" + (f", not {show_value(fault['input'])}" if with_value else "")


def place_of(location: Sequence[int | str], words: dict[str, str] | None = None) -> str:
    """Return where a fault is: ``discoveries, entry 1, url``; *words* are what people call the first name."""
    first, *others = location or ("",)
    named = (words or {}).get(str(first), str(first))
    return ", ".join([named, *(f"entry {one + 1}" if isinstance(one, int) else one for one in others)])


def show_value(value: object) -> str:
    """Return *value* as it was written, short enough for one line."""
    said = {True: "true", False: "false", None: "nothing"}.get(value) if isinstance(value, bool | None) else repr(value)
    said = said or repr(value)
    return said if len(said) <= _MOST_SHOWN else f"{said[:_MOST_SHOWN]}…"


def _tell_length(kind: str, said: dict[str, Any]) -> str:
    name, words, of_one = _LENGTHS[kind]
    return of_one if of_one and said[name] == 1 else f"must have {words.format(said[name])}"


def _tell_wanted(kind: str, said: dict[str, Any]) -> str:
    if kind in _BOUNDS:
        name, words = _BOUNDS[kind]
        return words.format(_plain(said[name]))
    return next((wanted for begins, wanted in _WANTED.items() if kind == begins or kind.startswith(f"{begins}_")), "")


def _plain(bound: object) -> str:
    """Return a bound as people write it: 0, not 0.0."""
    return f"{bound:g}" if isinstance(bound, float) else str(bound).replace("'", "")
