"""The two dialects of a CDX answer: Wayback's (`/cdx/search/cdx`) and pywb's (`/cdx`)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hemeroteca.web.cdx_query import FIELDS, Dialect, Parameters, make_resume_key
from hemeroteca.web.cdx_rows import NONE, CdxRow
from storage.model.errors import SeedError

_WAYBACK_FIELDS = ("urlkey", "timestamp", "original", "mimetype", "statuscode", "digest", "length")
_ORIGINALS = ("orig.length", "orig.offset", "orig.filename")
_OUTPUTS: dict[Dialect, dict[str, str]] = {
    "wayback": {"": "text/plain", "text": "text/plain", "csv": "text/plain", "json": "application/json"},
    "pywb": {"": "text/x-cdxj", "cdxj": "text/x-cdxj", "json": "text/x-ndjson", "text": "text/plain"},
}


class Output(NamedTuple):
    """How rows are written: in which dialect and form, with which fields, and whether a resume key follows."""

    dialect: Dialect
    form: str
    fields: tuple[str, ...]
    with_resume_key: bool

    @property
    def media_type(self) -> str:
        return _OUTPUTS[self.dialect][self.form]


def read_output(given: Parameters, dialect: Dialect) -> Output:
    """Return how the answer is to be written. Raises SeedError for a form that the dialect has not."""
    form = given.one("output") or ""
    if form not in _OUTPUTS[dialect]:
        raise SeedError(f"output={form[:40]} not supported")
    named = given.one("fl", "fields")
    resolved = given.has("resolveRevisits")
    fields = tuple(named.split(",")) if named else ()
    if not fields and dialect == "wayback":
        fields = _WAYBACK_FIELDS + _ORIGINALS * resolved
    return Output(dialect, form, fields, given.has("showResumeKey"))


def write_rows(rows: Iterable[CdxRow], output: Output, limit: int | None) -> Iterator[str]:
    """Yield the answer line by line; with a resume key where it is asked for and *limit* was met."""
    written, last = 0, ""
    line = _LINES[output.dialect, output.form == "json"]
    if output.dialect == "wayback" and output.form == "json":
        yield from _write_wayback_json(rows, output, limit)
        return
    for row in rows:
        yield line(row, output)
        written, last = written + 1, row.record_id
    if output.with_resume_key and limit and written >= limit:
        yield f"\n{make_resume_key(last)}\n"


def _write_wayback_json(rows: Iterable[CdxRow], output: Output, limit: int | None) -> Iterator[str]:
    written, last = 0, ""
    for row in rows:
        if not written:
            yield "[" + json.dumps(output.fields)
        yield ",\n" + json.dumps([_value(row, name) for name in output.fields])
        written, last = written + 1, row.record_id
    if output.with_resume_key and limit and written >= limit:
        yield ",\n[],\n" + json.dumps([make_resume_key(last)])
    yield "]\n" if written else "[]\n"


def _value(row: CdxRow, name: str) -> str:
    return row.fields.get(FIELDS.get(name, name), NONE)


def _plain_line(row: CdxRow, output: Output) -> str:
    names = output.fields or tuple(row.fields)
    between = "," if output.form == "csv" else " "
    return between.join(_value(row, name) for name in names) + "\n"


def _cdxj_line(row: CdxRow, output: Output) -> str:
    if output.form == "text":
        return _plain_line(row, output)
    facts = json.dumps(_chosen(row, output, ("urlkey", "timestamp")))
    return f"{row.fields['urlkey']} {row.fields['timestamp']} {facts}\n"


def _ndjson_line(row: CdxRow, output: Output) -> str:
    return json.dumps(_chosen(row, output, ())) + "\n"


def _chosen(row: CdxRow, output: Output, left_out: tuple[str, ...]) -> dict[str, str]:
    names = output.fields or tuple(row.fields)
    known = {name: FIELDS.get(name, name) for name in names if name not in left_out}
    return {name: row.fields[own] for name, own in known.items() if own in row.fields}


_LINES = {
    ("wayback", False): _plain_line,
    ("wayback", True): _plain_line,
    ("pywb", False): _cdxj_line,
    ("pywb", True): _ndjson_line,
}
