"""Citing an archived article: APA, BibTeX and CSL-JSON, with when it was captured and how to check it.

Nothing is made up: what the page does not say is left out, or marked as unknown (n.d.). Names are as the newspaper has
them: which word is the family name would be a guess.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Literal, get_args

from storage.model.base import Record
from storage.model.capture import Capture
from storage.model.document import Document

Style = Literal["apa", "bibtex", "csl-json"]
STYLES: tuple[Style, ...] = get_args(Style)

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_TEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", **{sign: f"\\{sign}" for sign in "#$%&_"},
}  # fmt: skip
"""A brace counts for BibTeX even after a backslash, so its name stands for it."""
_IN_URL = {"{": "%7B", "}": "%7D", "\\": "%5C", " ": "%20", '"': "%22"}


class Cited(Record):
    """What is known of one archived article that a citation names."""

    title: str | None
    authors: tuple[str, ...]
    """As the newspaper writes them; the agency where no one else is named."""
    newspaper: str
    published: date | None
    """The day, in the newspaper's own time zone."""
    language: str | None
    url: str
    captured: datetime
    sha256: str
    """Hex, of the stored record: ``hemeroteca get --as warc`` prints its bytes."""
    record_id: str

    @property
    def evidence(self) -> str:
        moment = f"{self.captured:%Y-%m-%dT%H:%M:%SZ}"
        return f"Captured {moment}; WARC record {self.record_id}, SHA-256 {self.sha256}"


def describe_article(capture: Capture, document: Document | None, newspaper: str) -> Cited:
    """Return what is known of *capture*, and of its *document* where it has one."""
    authors = document.authors or (document.agency,) * bool(document.agency) if document else ()
    return Cited(
        title=_in_one_line(document.title) if document and document.title else None,
        authors=tuple(_in_one_line(author) for author in authors if author and author.strip()),
        newspaper=_in_one_line(newspaper),
        published=_find_day(document.published) if document else None,
        language=document.language if document else None,
        url=capture.target_uri,
        captured=capture.date,
        sha256=capture.record_digest.removeprefix("sha256:"),
        record_id=capture.record_id,
    )


def cite(cited: Cited, style: Style) -> str:
    """Return the citation in *style*: one line, but for BibTeX and CSL-JSON."""
    return _WRITERS[style](cited)


def _in_one_line(text: str) -> str:
    return " ".join(text.split())


def _find_day(published: str | None) -> date | None:
    try:
        return date.fromisoformat((published or "")[:10])
    except ValueError:
        return None


def _write_apa(cited: Cited) -> str:
    """Return a line as APA (7th edition) has it; without an author the title comes first."""
    day = cited.published
    when = f"({day.year}, {_MONTHS[day.month - 1]} {day.day})." if day else "(n.d.)."
    title = _end_sentence(cited.title) if cited.title else "[Article without a title]."
    names = [_end_sentence(_join_names(cited.authors))] if cited.authors else []
    first = [*names, when, title] if names else [title, when]
    return " ".join([*first, f"{cited.newspaper}.", cited.url, f"[{cited.evidence}]"])


def _end_sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def _join_names(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])}, & {names[-1]}"


def _write_bibtex(cited: Cited) -> str:
    day = cited.published
    fields = {
        "author": " and ".join(f"{{{_escape_tex(name)}}}" for name in cited.authors),
        "title": f"{{{_escape_tex(cited.title)}}}" if cited.title else "",
        "journal": _escape_tex(cited.newspaper),
        "year": f"{day.year:04}" if day else "n.d.",
        "month": str(day.month) if day else "",
        "day": str(day.day) if day else "",
        "url": _replace_each(cited.url, _IN_URL),
        "urldate": f"{cited.captured:%Y-%m-%d}",
        "language": _escape_tex(cited.language or ""),
        "note": _escape_tex(cited.evidence),
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value)
    return f"@article{{{_make_key(cited)},\n{lines}}}"


def _escape_tex(text: str) -> str:
    return _replace_each(text, _TEX)


def _replace_each(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(sign, sign) for sign in text)


def _make_key(cited: Cited) -> str:
    """Return a key that is the same each time, of letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", cited.newspaper.lower()).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", plain)[:3]
    return "-".join([*words, f"{cited.published:%Y%m%d}" if cited.published else "nd", cited.sha256[:8]])


def _write_csl(cited: Cited) -> str:
    """Return CSL-JSON: a list of one item."""
    item = {
        "id": _make_key(cited),
        "type": "article-newspaper",
        "title": cited.title,
        "author": [{"literal": name} for name in cited.authors] or None,
        "container-title": cited.newspaper,
        "issued": _date_parts(cited.published) if cited.published else None,
        "accessed": _date_parts(cited.captured),
        "language": cited.language,
        "URL": cited.url,
        "archive_location": cited.record_id,
        "note": cited.evidence,
    }
    known = {name: value for name, value in item.items() if value is not None}
    return json.dumps([known], ensure_ascii=False, indent=2)


def _date_parts(day: date) -> dict[str, list[list[int]]]:
    return {"date-parts": [[day.year, day.month, day.day]]}


_WRITERS: dict[Style, Callable[[Cited], str]] = {"apa": _write_apa, "bibtex": _write_bibtex, "csl-json": _write_csl}
