"""The facts of a page as fields of a metadata record or a revisit, and back: the index is remade from them."""

from __future__ import annotations

from typing import Any

from storage.model.page_facts import PageFacts
from storage.warc.fields import Fields

_NAMES = {
    "robots_header": "robotsHeader",
    "robots_meta": "robotsMeta",
    "tdm_policy": "tdmPolicy",
    "content_signal": "contentSignal",
    "canonical": "canonical",
    "amphtml": "amphtml",
}
_RESERVATION, _FLAG = "tdmReservation", "flag"


def write_page(page: PageFacts) -> Fields:
    """Return the fields of *page*; a ``flag`` field each of its evidence."""
    fields = [(field, value) for name, field in _NAMES.items() if (value := getattr(page, name)) is not None]
    if page.tdm_reservation is not None:
        fields.append((_RESERVATION, str(int(page.tdm_reservation))))
    return fields + [(_FLAG, line) for line in page.evidence]


def read_page(fields: Fields) -> dict[str, Any]:
    """Return the fields of a PageFacts that ``write_page`` wrote."""
    said = dict(fields)
    found: dict[str, Any] = {name: said.get(field) for name, field in _NAMES.items()}
    found["tdm_reservation"] = said[_RESERVATION] == "1" if _RESERVATION in said else None
    found["evidence"] = tuple(value for name, value in fields if name == _FLAG)
    found["flags"] = flags_of(found["evidence"])
    return found


def flags_of(evidence: tuple[str, ...]) -> tuple[str, ...]:
    """Return what the lines of *evidence* are evidence of, each once."""
    return tuple(dict.fromkeys(line.partition(":")[0] for line in evidence))
