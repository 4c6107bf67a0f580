"""Who wrote it: persons as the markup names them, else as the page shows them; then offices, agencies, the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from hemeroteca.extraction.metadata.agencies import AGENCIES, find_agency_in_byline
from hemeroteca.extraction.metadata.bylines import is_byline, is_person_name, split_names
from hemeroteca.extraction.page.json_ld import Node, list_values, read_texts, read_types
from hemeroteca.extraction.page.markup import MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words
from storage.model.document import Candidate

_META = ("author", "article:author", "byl", "sailthru.author", "parsely-author", "dc.creator", "dcterms.creator")
_HANDLE = re.compile(r"[a-zß-ÿ]+[._-][a-zß-ÿ._-]+|[a-z]{1,12}\d*")
_HELPED = re.compile(
    r"review|edited|editing|fact.?check|photo|foto|translat|übersetz|illustrat|medically|geprüft|bild:", re.IGNORECASE
)
_CONNECTORS = frozenset(
    {"", "and", "und", "y", "e", "et", "en", "with", "mit", "by", "von", "par", "por", "written by"}
)
_DECLARED = ("json-ld", "meta", "itemprop")
_LAST = (
    (True, False, False),
    (True, False, True),
    (False, False, False),
    (False, False, True),
    (True, True, True),
    (False, True, True),
)
"""Where no person is named: declared or shown, handles too, the site too."""
_NEAR = 60
"""Elements between two names that are one byline."""


class AuthorClaim(NamedTuple):
    """The names that one source gives; ``shown`` is what a reader sees of it."""

    source: str
    names: tuple[str, ...]
    persons: tuple[str, ...]


class Authors(NamedTuple):
    """The authors, how they are known, every candidate with the most trusted first, and the agency credited, where."""

    names: tuple[str, ...]
    known: str
    candidates: list[Candidate]
    agency: str | None
    agency_known: str


def read_authors(markup: Markup) -> Authors:
    """Return who wrote it.

    An agency or an office stands beside persons where one source names both; alone, it is the author when no
    source names a person, and the newspaper itself when nobody else is named.
    """
    sources = list(_sources(markup))
    offers = list(_offers(sources))
    candidates = [Candidate(field="authors", value="; ".join(one.names), source=one.source) for one in offers]
    best = _best(offers, _site_names(markup))
    credited = ((find_agency_in_byline(clean_line(one, 200)), source) for source, said in sources for one in said[:5])
    agency, where = next((found for found in credited if found[0]), (None, "none: no agency is credited"))
    if best is None:
        return Authors((), "none: the page names no author", candidates, agency, where)
    return Authors(best.names, best.source, candidates, agency, where)


def _offers(sources: list[tuple[str, list[str]]]) -> Iterator[AuthorClaim]:
    for source, said in sources:
        shown = not source.startswith(_DECLARED)
        names = tuple(dict.fromkeys(name for one in said for name in split_names(one, shown)))
        if names:
            if source == "text" and not any(map(is_person_name, names)) and sum(map(len, said)) > 45:
                continue  # a sentence that begins as bylines do
            yield AuthorClaim(
                source,
                names,
                tuple(name for name in names if is_person_name(name) and fold_words(name) not in AGENCIES),
            )


def _best(offers: list[AuthorClaim], site: set[str]) -> AuthorClaim | None:
    for offer in offers:
        persons = tuple(name for name in offer.persons if fold_words(name) not in site)
        if persons and offer.source.startswith(_DECLARED):
            named = tuple(name for name in offer.names if fold_words(name) not in site and not _is_handle(name))
            return offer._replace(names=_fuller(named, offers))
        if persons:
            return offer._replace(names=persons)
    for declared, handles, sites in _LAST:
        for offer in offers:
            names = tuple(
                name
                for name in offer.names
                if (handles or not _is_handle(name)) and (sites or fold_words(name) not in site)
            )
            if names and offer.source.startswith(_DECLARED) == declared:
                return offer._replace(names=names if declared else names[:1])
    return None


def _is_handle(name: str) -> bool:
    return _HANDLE.fullmatch(name) is not None and fold_words(name) not in AGENCIES


def _fuller(named: tuple[str, ...], offers: list[AuthorClaim]) -> tuple[str, ...]:
    """Return the line "By A, B and C" where the markup has but its first, A."""
    for offer in offers:
        if (
            len(named) == 1
            and offer.source == "text"
            and len(offer.persons) > 1
            and fold_words(offer.persons[0]) == fold_words(named[0])
        ):
            return offer.persons
    return named


def _sources(markup: Markup) -> Iterator[tuple[str, list[str]]]:
    for node in markup.nodes:
        for key in ("author", "creator"):
            yield f"json-ld:{key}", list(_named(markup, node, key))
    for name in _META:
        said = [clean_line(one) for one in markup.metas.get(name, ())]
        yield f"meta:{name}", [one for one in said if "://" not in one]
    if (
        (markup.read_meta("twitter:label1") or "")
        .lower()
        .startswith(("written", "verfasst", "escrito", "écrit", "scritto"))
    ):
        yield "meta:twitter:data1", [markup.read_meta("twitter:data1") or ""]
    for role in ("itemprop:author", "rel:author", "author-link", "author"):
        yield ("byline" if role == "author" else role), _shown(markup, role)
    yield "text", _lines(markup)


def _named(markup: Markup, node: Node, key: str) -> Iterator[str]:
    for value in list_values(node.get(key)):
        one: Any = markup.json_ld.resolve(value)
        if isinstance(one, dict):
            one = one.get("name") if "Person" not in read_types(one) or one.get("name") else one.get("givenName")
        yield from (text for text in read_texts({"name": one}, "name") if "://" not in text)


def _shown(markup: Markup, role: str) -> list[str]:
    """Return the texts of the elements that show an author: of the first group at or after the headline."""
    shown = [one for one in markup.marked.get(role, ()) if not markup.is_outside_article(one.element)]
    near = [one for one in shown if one.position > markup.headline_position - 40] or shown
    texts: list[str] = []
    for one in near[:12]:
        if one.position - near[0].position > _NEAR:
            break
        before = _lead_in(one.element)
        if _HELPED.search(before):
            continue
        if texts and not _continues(before, texts):
            break
        texts += _byline(list(_pieces(one)))
    return texts


def _continues(before: str, texts: list[str]) -> bool:
    """Say whether the text *before* an element leads from the names taken so far to one more."""
    last = fold_words(before)
    return (
        last in _CONNECTORS
        or last.endswith((" and", " und", " y", " by"))
        or any(last == fold_words(text) for text in texts)
    )


def _lead_in(element: HtmlElement) -> str:
    """Return what stands directly before *element*: "Reviewed by" makes it no author."""
    before = element.getprevious()
    while before is None and element.getparent() is not None and not (element.getparent().text or "").strip():
        element = element.getparent()
        before = element.getprevious()
    if before is None:
        parent = element.getparent()
        return (parent.text or "")[-60:] if parent is not None else ""
    return (before.tail or "").strip()[-60:] or (read_shown_text(before, 100)[-60:] if len(before) < 5 else "")


def _byline(pieces: list[str]) -> list[str]:
    """Return the pieces of a byline up to where it goes on about something else: an office, a date, a reviewer."""
    taken: list[str] = []
    named = False
    for piece in pieces:
        if _HELPED.search(piece):
            break
        person = any(is_person_name(name) for name in split_names(piece))
        if named and not person and fold_words(piece) not in _CONNECTORS:
            break
        named = named or person
        taken.append(piece)
    return taken


def _pieces(marked: MarkedElement) -> Iterator[str]:
    """Yield the texts in an element one by one: markup parts a name from an office or a date."""
    if len(marked.text) < 400:
        for text in marked.element.itertext():
            line = clean_line(text, 300)
            if line and line[0] not in ".{@":
                yield line


def _lines(markup: Markup) -> list[str]:
    """Return the first line after the headline that begins as a byline does."""
    by = markup.marked.get("by", ())
    near = [
        one
        for one in by
        if -40 < one.position - markup.headline_position < 600 and not markup.is_outside_article(one.element)
    ]
    for one in near[:6]:
        text = one.text
        following = one.element.getnext()
        if len(text) < 30 and not split_names(text) and following is not None:
            text = f"{text} {read_shown_text(following, 200)}"
        if len(text) < 200 and is_byline(text) and split_names(text):
            return [text]
    return []


def _site_names(markup: Markup) -> set[str]:
    host = (urlsplit(markup.url).hostname or "").removeprefix("www.")
    names = [
        markup.read_meta("og:site_name") or "",
        markup.read_meta("application-name") or "",
        host,
        host.rpartition(".")[0],
    ]
    for node in markup.nodes[:5]:
        names += read_texts(node, "publisher")[:1]
    return {fold_words(name) for name in names if name}
