"""The authors: persons that the markup names, else those that the page shows, else offices, agencies or the site."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from hemeroteca.extraction.metadata.agencies import AGENCIES, find_agency_in_byline
from hemeroteca.extraction.metadata.bylines import is_byline, is_labelled, split_names
from hemeroteca.extraction.metadata.flags import read_section
from hemeroteca.extraction.metadata.person_names import is_person_name
from hemeroteca.extraction.page.json_ld import Node, list_values, read_texts, read_types
from hemeroteca.extraction.page.markup import MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words
from storage.model.document import Candidate

_AUTHOR_METAS = (
    "author",
    "article:author",
    "byl",
    "sailthru.author",
    "parsely-author",
    "dc.creator",
    "dcterms.creator",
    "citation_author",
)
_HANDLE = re.compile(r"[a-zß-ÿ]+[._-][a-zß-ÿ._-]+|[a-z]{1,12}\d*")
_NO_AUTHOR_ROLE = re.compile(
    r"review|edited|editing|fact.?check|photo|foto|translat|übersetz|illustrat|medically|geprüft|bild:|bilder|video by|"
    r"traduc|traduit|tradott|vertaal|översätt|перев[её]л|перевод|фото|صور|تصوير|عکس|תצלום|צילום|写真|摄影|攝影|图片|"
    r"사진|ภาพ|ảnh:|責任編集|责任编辑|責任編輯|编辑[:：]",
    re.IGNORECASE,
)
_WROTE_TOO = re.compile(
    r"\b(?:text|words|story|texto|texte|testo|tekst|teksti)\w*\s+(?:and|und|y|et|e|og|och|ja|en|&)\s+"
    r"(?:photo|foto|picture|bild|kuva)",
    re.IGNORECASE,
)
_CONNECTORS = frozenset(
    {"", "and", "und", "y", "e", "et", "en", "with", "mit", "by", "von", "par", "por", "written by"}
)
_DECLARED_SOURCES = ("json-ld", "meta", "itemprop")
_FALLBACKS = (
    (True, False, False),
    (True, False, True),
    (False, False, False),
    (False, False, True),
    (True, True, True),
    (False, True, True),
)
"""Where no person is named, which names to try in this order: (declared ones, handles too, the site too)."""
MAX_BYLINE_CHARS = 45
"""A longer line without a person's name is a sentence that begins like a byline."""
_MAX_GAP = 60
"""Elements between two names of one byline."""


class AuthorClaim(NamedTuple):
    """The names that one source gives, and those of them that are persons."""

    source: str
    names: tuple[str, ...]
    persons: tuple[str, ...]


class Authors(NamedTuple):
    """The authors and how they are known, all candidates by trust, and the agency that is credited, and where."""

    names: tuple[str, ...]
    known: str
    candidates: list[Candidate]
    agency: str | None
    agency_known: str


def read_authors(markup: Markup) -> Authors:
    """Return the authors.

    An agency or an office is listed beside persons where one source names both, and alone where no source names a
    person. The newspaper itself is the author where nobody else is named.
    """
    sources = list(_read_sources(markup))
    claims = list(_read_claims(sources, _read_sections(markup)))
    candidates = [Candidate(field="authors", value="; ".join(one.names), source=one.source) for one in claims]
    best = _choose(claims, _read_site_names(markup))
    credited = ((_find_agency(clean_line(one, 200)), source) for source, texts in sources for one in texts[:5])
    agency, where = next((found for found in credited if found[0]), (None, "none: no agency is credited"))
    if best is None:
        return Authors((), "none: the page names no author", candidates, agency, where)
    return Authors(best.names, best.source, candidates, agency, where)


def _find_agency(byline: str) -> str | None:
    """Return the agency that a byline credits, also one after "By" or "Von"."""
    return find_agency_in_byline(byline) or next(filter(None, map(find_agency_in_byline, split_names(byline))), None)


def _read_claims(sources: list[tuple[str, list[str]]], sections: set[str]) -> Iterator[AuthorClaim]:
    """Yield what each source claims; a name that is shown and is the article's section is a link to that."""
    for source, texts in sources:
        shown = not source.startswith(_DECLARED_SOURCES)
        found = dict.fromkeys(name for one in texts for name in split_names(one, shown))
        names = tuple(name for name in found if not (shown and fold_words(name) in sections))
        if names:
            yield AuthorClaim(
                source,
                names,
                tuple(name for name in names if is_person_name(name) and fold_words(name) not in AGENCIES),
            )


def _choose(claims: list[AuthorClaim], site: set[str]) -> AuthorClaim | None:
    """Return the most trusted claim that names a person other than the *site*, with the names to use."""
    for claim in claims:
        persons = tuple(name for name in claim.persons if fold_words(name) not in site)
        if persons and claim.source.startswith(_DECLARED_SOURCES):
            named = tuple(name for name in claim.names if fold_words(name) not in site and not _is_handle(name))
            return claim._replace(names=_complete(named, claims))
        if persons:
            return claim._replace(names=persons)
    return _choose_without_person(claims, site)


def _choose_without_person(claims: list[AuthorClaim], site: set[str]) -> AuthorClaim | None:
    for declared, handles, sites in _FALLBACKS:
        for claim in claims:
            names = tuple(
                name
                for name in claim.names
                if (handles or not _is_handle(name)) and (sites or fold_words(name) not in site)
            )
            if names and claim.source.startswith(_DECLARED_SOURCES) == declared:
                return claim._replace(names=names if declared else names[:1])
    return None


def _is_handle(name: str) -> bool:
    return _HANDLE.fullmatch(name) is not None and fold_words(name) not in AGENCIES


def _complete(named: tuple[str, ...], claims: list[AuthorClaim]) -> tuple[str, ...]:
    """Return the names of the line "By A, B and C" where the markup names only A."""
    if len(named) != 1:
        return named
    only = fold_words(named[0])
    lines = (one.persons for one in claims if one.source == "text" and len(one.persons) > 1)
    return next((persons for persons in lines if fold_words(persons[0]).endswith(only)), named)


def _read_sources(markup: Markup) -> Iterator[tuple[str, list[str]]]:
    for node in markup.nodes:
        for key in ("author", "creator"):
            yield f"json-ld:{key}", list(_read_declared(markup, node, key))
    for name in _AUTHOR_METAS:
        texts = [clean_line(one) for one in markup.metas.get(name, ())]
        yield f"meta:{name}", [one for one in texts if "://" not in one]
    if (
        (markup.read_meta("twitter:label1") or "")
        .lower()
        .startswith(("written", "verfasst", "escrito", "écrit", "scritto"))
    ):
        yield "meta:twitter:data1", [markup.read_meta("twitter:data1") or ""]
    for role in ("itemprop:author", "rel:author", "author-link", "author"):
        yield ("byline" if role == "author" else role), _read_shown(markup, role)
    yield "text", _read_byline(markup)


def _read_declared(markup: Markup, node: Node, key: str) -> Iterator[str]:
    for value in list_values(node.get(key)):
        one: Any = markup.json_ld.resolve(value)
        if isinstance(one, dict):
            one = one.get("name") if "Person" not in read_types(one) or one.get("name") else one.get("givenName")
        yield from (text for text in read_texts({"name": one}, "name") if "://" not in text)


def _read_shown(markup: Markup, role: str) -> list[str]:
    """Return the texts of the elements that show an author, from the first group of them at or after the headline."""
    shown = [one for one in markup.marked.get(role, ()) if _is_of_article(one, markup)]
    near = [one for one in shown if one.position > markup.headline_position - 40] or shown
    texts: list[str] = []
    for one in near[:12]:
        if one.position - near[0].position > _MAX_GAP:
            break
        before = _find_text_before(one.element)
        if _NO_AUTHOR_ROLE.search(before):
            continue
        if texts and not _is_continued(before, texts):
            break
        texts += _cut_byline(list(_split_pieces(one)))
    return texts


def _is_continued(before: str, texts: list[str]) -> bool:
    """Say whether the text *before* an element joins one more name to those taken so far."""
    last = fold_words(before)
    return (
        last in _CONNECTORS
        or last.endswith((" and", " und", " y", " by"))
        or any(last == fold_words(text) for text in texts)
    )


def _find_text_before(element: HtmlElement) -> str:
    """Return the text directly before *element*: after "Reviewed by" it names no author."""
    before = element.getprevious()
    while before is None and element.getparent() is not None and not (element.getparent().text or "").strip():
        element = element.getparent()
        before = element.getprevious()
    if before is None:
        parent = element.getparent()
        return (parent.text or "")[-60:] if parent is not None else ""
    return (before.tail or "").strip()[-60:] or (read_shown_text(before, 100)[-60:] if len(before) < 5 else "")


def _cut_byline(pieces: list[str]) -> list[str]:
    """Return the pieces of a byline up to the first that is something else: an office, a date, a reviewer."""
    taken: list[str] = []
    named = False
    for piece in pieces:
        helper = None if _WROTE_TOO.search(piece) else _NO_AUTHOR_ROLE.search(piece)
        if helper:
            return [*taken, piece[: helper.start()]]
        person = any(is_person_name(name) for name in split_names(piece))
        if named and not person and fold_words(piece) not in _CONNECTORS:
            break
        named = named or person
        taken.append(piece)
    return taken


def _split_pieces(marked: MarkedElement) -> Iterator[str]:
    """Yield the texts in an element one by one, as markup separates a name from an office or a date."""
    if len(marked.text) < 400:
        for text in marked.element.itertext():
            line = clean_line(text, 300)
            if line and line[0] not in ".{@":
                yield line


def _read_byline(markup: Markup) -> list[str]:
    """Return the first line after the headline that begins like a byline and is short or names a person.

    A line like "Written by Ana Rubio" counts wherever it stands in the article.
    """
    lines = (_join_following(one) for one in markup.marked.get("by", ()) if _is_near_byline(one, markup))
    found = (line for line in islice(lines, 12) if len(line) < 200 and split_names(line))
    likely = (line for line in found if _is_no_sentence(line) or any(map(is_person_name, split_names(line))))
    return list(islice(likely, 1))


def _is_no_sentence(line: str) -> bool:
    return len(line) <= MAX_BYLINE_CHARS and not line.endswith((".", "!", "?", ":"))


def _is_near_byline(one: MarkedElement, markup: Markup) -> bool:
    away = one.position - markup.headline_position
    text = one.text[:200]
    return away > -40 and is_byline(text) and (away < 600 or is_labelled(text)) and _is_of_article(one, markup)


def _join_following(one: MarkedElement) -> str:
    """Return the element's text, with that of the next element where it is "By" alone."""
    text, following = one.text, one.element.getnext()
    if len(text) < 30 and not split_names(text) and following is not None:
        return f"{text} {read_shown_text(following, 200)}"
    return text


def _is_of_article(marked: MarkedElement, markup: Markup) -> bool:
    """Say whether an element is in the article and no caption."""
    in_figure = next(marked.element.iterancestors("figure", "figcaption"), None) is not None
    return not in_figure and marked.element.tag != "figcaption" and not markup.is_outside_article(marked.element)


def _read_sections(markup: Markup) -> set[str]:
    section, _ = read_section(markup)
    return {fold_words(section)} - {""} if section else set()


def _read_site_names(markup: Markup) -> set[str]:
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
