"""Citations say what is known and nothing else, and the tools that read them do."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from bibtexparser.entrypoint import parse_string

from hemeroteca.archive.reading.citations import STYLES, Cited, cite

DIGEST = "0bec1234" + "0" * 56
CITED = Cited(
    title="Las lluvias & el {campo}: 50 % más",
    authors=("Ana García Pérez", "Economy and Finance"),
    newspaper="El País",
    published=date(2026, 3, 1),
    language="es",
    url="https://elpais.com/a_b/{x}?q=50%25&y=~z#no",
    captured=datetime(2026, 3, 2, 2, 0, 14, tzinfo=UTC),
    sha256=DIGEST,
    record_id="urn:uuid:11111111-2222-3333-4444-555555555555",
)
UNKNOWN = CITED.model_copy(update={"title": None, "authors": (), "published": None, "language": None})
CSL_FIELDS = {
    "type", "id", "citation-key", "categories", "language", "journalAbbreviation", "shortTitle", "author", "accessed",
    "issued", "archive", "archive_location", "archive-place", "container-title", "genre", "medium", "note", "publisher",
    "section", "source", "title", "URL",
}  # fmt: skip
"""Those of citation-style-language's csl-data.json that an article of a newspaper may have."""


def read_bibtex(text: str) -> tuple[str, dict[str, Any]]:
    library = parse_string(text)
    assert not library.failed_blocks
    [entry] = library.entries
    assert entry.entry_type == "article"
    return entry.key, {field.key: field.value for field in entry.fields}


def test_apa_is_one_line() -> None:
    assert cite(CITED, "apa") == (
        "Ana García Pérez, & Economy and Finance. (2026, March 1). Las lluvias & el {campo}: 50 % más. El País. "
        "https://elpais.com/a_b/{x}?q=50%25&y=~z#no "
        "[Captured 2026-03-02T02:00:14Z; WARC record urn:uuid:11111111-2222-3333-4444-555555555555, "
        f"SHA-256 {DIGEST}]"
    )


def test_what_is_unknown_is_said_to_be_so() -> None:
    assert cite(UNKNOWN, "apa").startswith("[Article without a title]. (n.d.). El País. https://")
    assert cite(CITED.model_copy(update={"authors": ()}), "apa").startswith(
        "Las lluvias & el {campo}: 50 % más. (2026,"
    )
    _, fields = read_bibtex(cite(UNKNOWN, "bibtex"))
    assert fields["year"] == "n.d." and not {"title", "author", "month", "day", "language"} & fields.keys()
    [item] = json.loads(cite(UNKNOWN, "csl-json"))
    assert not {"title", "author", "issued", "language"} & item.keys()


@pytest.mark.parametrize("title", ["Really?", "Stop!", "Wait…", "Ends."])
def test_a_sentence_ends_once(title: str) -> None:
    assert f"{title} El País." in cite(CITED.model_copy(update={"title": title}), "apa")


def test_bibtex_is_read_by_a_parser() -> None:
    key, fields = read_bibtex(cite(CITED, "bibtex"))
    assert key == "el-pais-20260301-0bec1234"
    assert fields["author"] == "{Ana García Pérez} and {Economy and Finance}"
    assert fields["title"] == r"{Las lluvias \& el \textbraceleft{}campo\textbraceright{}: 50 \% más}"
    assert fields["url"] == "https://elpais.com/a_b/%7Bx%7D?q=50%25&y=~z#no"
    assert (fields["year"], fields["month"], fields["day"], fields["urldate"]) == ("2026", "3", "1", "2026-03-02")
    assert DIGEST in fields["note"] and "2026-03-02T02:00:14Z" in fields["note"]


@pytest.mark.parametrize(
    "hostile",
    ["a } b", "{{{", "back\\slash", "@article{x,", "% comment", '" quote "', "a, b = {c}", "$x^2_1$ ~ #", "中文"],
)
def test_no_text_breaks_bibtex(hostile: str) -> None:
    said = CITED.model_copy(update={"title": hostile, "authors": (hostile,), "newspaper": hostile, "url": hostile})
    _, fields = read_bibtex(cite(said, "bibtex"))
    assert set(fields) == {
        "author", "title", "journal", "year", "month", "day", "url", "urldate", "language", "note",
    }  # fmt: skip
    assert all(value.count("{") == value.count("}") for value in fields.values())


def test_csl_json_has_fields_of_its_schema_alone() -> None:
    [item] = json.loads(cite(CITED, "csl-json"))
    assert item.keys() <= CSL_FIELDS
    assert item["type"] == "article-newspaper" and item["container-title"] == "El País"
    assert item["issued"] == {"date-parts": [[2026, 3, 1]]} and item["accessed"] == {"date-parts": [[2026, 3, 2]]}
    assert item["author"] == [{"literal": "Ana García Pérez"}, {"literal": "Economy and Finance"}]
    assert item["URL"] == CITED.url and item["archive_location"] == CITED.record_id


@pytest.mark.parametrize("style", STYLES)
def test_every_style_has_the_evidence(style: Any) -> None:
    for evidence in (DIGEST, CITED.record_id, "2026-03-02T02:00:14Z"):
        assert evidence in cite(UNKNOWN, style)
