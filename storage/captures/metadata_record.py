"""The fields of a metadata record, or of a revisit in its place, made from an exchange and read back."""

from __future__ import annotations

import json
from typing import Any

from storage.captures.exchange import Exchange
from storage.model.page_facts import PageFacts
from storage.warc.fields import Fields, escape_line, write_date

_UNPARSED_BYTES = 64 * 1024
_PAGE_FIELDS = {
    "robots_header": "robotsHeader",
    "robots_meta": "robotsMeta",
    "tdm_policy": "tdmPolicy",
    "content_signal": "contentSignal",
    "canonical": "canonical",
    "amphtml": "amphtml",
}
_RESERVATION, _FLAG = "tdmReservation", "flag"
_METHOD, _QUERY = "requestMethod", "requestQuery"


def write_metadata_fields(exchange: Exchange) -> Fields:
    """Return how the URL was found, how long it took, what did not become a response, and what the response says.

    The values are exactly what a reader of the record gets, so that an outcome made of them is the same both times.

    ``purpose`` is left out where it equals ``kind``. ``requestMethod`` and ``requestQuery`` are those of a request that
    is not GET, as its request URL has them (``storage.request_key``). ``checks`` is the record of the 304 that was
    asked for again without validators, ``distrust`` what a response shows of its source's validators
    (``model.outcome.Distrust``). ``reason`` is one of ``model.outcome.FAILED``, ``bodyError`` why a whole body has no
    ``bodyDigest``. ``interimResponses`` (1xx) and ``unparsed`` (what came instead of a response head) are bytes as
    JSON, one character U+0000–U+00FF each.
    """
    facts, framer = exchange.facts, exchange.framer
    candidates: list[tuple[str, str | None]] = [
        ("kind", facts.kind),
        ("purpose", facts.purpose if facts.purpose != facts.kind else None),
        ("via", facts.via),
        *_request_fields(exchange),
        *(("redirectedFrom", url) for url in facts.redirected_from),
        ("announced", write_date(facts.announced) if facts.announced else None),
        ("fetchTimeMs", str(exchange.milliseconds)),
        ("wireBytes", str(exchange.wire_bytes)),
        ("bodyDigest", exchange.body_digest),
        ("checks", facts.checks),
        ("distrust", exchange.distrust),
        ("bodyError", exchange.body_error),
        ("reason", exchange.failure.reason if exchange.failure else None),
        ("fetchError", exchange.failure.detail or None if exchange.failure else None),
        ("tlsError", exchange.tls.fault if exchange.tls else None),
        ("bytesAfterResponse", str(framer.extra) if framer.extra else None),
        ("interimResponses", _as_json(framer.interim)),
        ("unparsed", _as_json(framer.unparsed[:_UNPARSED_BYTES])),
        *_page_fields(exchange.page),
    ]
    return [(name, escape_line(value).strip()) for name, value in candidates if value is not None]


def _request_fields(exchange: Exchange) -> Fields:
    if exchange.method == "GET":
        return []
    return [(_METHOD, exchange.method), *([(_QUERY, exchange.request_query)] if exchange.request_query else [])]


def read_request_key(fields: Fields) -> dict[str, str | None]:
    """Return the ``method`` of a request that is not GET, and its ``request_query``; None of both for GET."""
    by_name = dict(fields)
    return {"method": by_name.get(_METHOD), "request_query": by_name.get(_QUERY)}


def _page_fields(page: PageFacts) -> Fields:
    """Return the fields of *page*, with a ``flag`` for each line of its evidence."""
    fields = [(field, value) for name, field in _PAGE_FIELDS.items() if (value := getattr(page, name)) is not None]
    if page.tdm_reservation is not None:
        fields.append((_RESERVATION, str(int(page.tdm_reservation))))
    return fields + [(_FLAG, line) for line in page.evidence]


def read_page_facts(fields: Fields) -> dict[str, Any]:
    """Return the fields of a PageFacts that ``write_metadata_fields`` wrote."""
    by_name = dict(fields)
    facts: dict[str, Any] = {name: by_name.get(field) for name, field in _PAGE_FIELDS.items()}
    facts["tdm_reservation"] = by_name[_RESERVATION] == "1" if _RESERVATION in by_name else None
    facts["evidence"] = tuple(value for name, value in fields if name == _FLAG)
    facts["flags"] = read_flags(facts["evidence"])
    return facts


def read_flags(evidence: tuple[str, ...]) -> tuple[str, ...]:
    """Return the flags that the lines of *evidence* begin with, each once."""
    return tuple(dict.fromkeys(line.partition(":")[0] for line in evidence))


def read_discovery(fields: Fields) -> dict[str, Any]:
    """Return how the URL was found, as ``write_metadata_fields`` wrote it."""
    by_name = dict(fields)
    kind = by_name.get("kind")
    return {
        "kind": kind,
        "purpose": by_name.get("purpose", kind),
        "via": by_name.get("via"),
        "redirected_from": tuple(value for name, value in fields if name == "redirectedFrom"),
    }


def _as_json(block: bytes) -> str | None:
    return json.dumps(block.decode("latin-1")) if block else None
