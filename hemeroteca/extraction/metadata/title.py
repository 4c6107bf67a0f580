"""The headline: of a page's headings and declared titles, the one that most of them agree on."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from hemeroteca.extraction.page.json_ld import read_texts
from hemeroteca.extraction.page.markup import MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words
from storage.model.document import Candidate

_SEPARATOR = re.compile(r"\s+[-–—|·•»«:/~]+\s+|\s*[|»·•]\s*|:\s+|\s[-–—]|[-–—]\s|\s*::\s*|--")
_FILING_WORDS = re.compile(r"(blog )?archi[vf]e?s?|blog|news|home(page)?|startseite|inicio|accueil|aktuelles")
"""Parts of a <title> that say where a page is filed, folded."""

_HEADING_WEIGHTS = {"h1": 5.0, "h2": 0.35, "h3": 0.2}
_DECLARED_WEIGHTS = {
    "json-ld:headline": 1.0,
    "meta:og:title": 1.0,
    "meta:twitter:title": 0.35,
    "title": 0.6,
    "json-ld:name": 0.3,
}
_OTHER_WEIGHT = 0.3
_HEADLINE_SOURCES = frozenset({"json-ld:headline", "meta:og:title", "meta:twitter:title"})
_FEWEST_WORDS = 3
"""A heading of fewer words may be the name of a site or of a section."""
_MOST_FILING_WORDS = 4
_MIN_LIKENESS = 0.2
_MAX_PARTS = 5
_MAX_HEADINGS = {"h1": 12, "h2": 25, "h3": 15}


class TitleClaim(NamedTuple):
    """A headline that one source claims. A part is what is left without a kicker, a date or the site's name."""

    text: str
    source: str
    weight: float
    part: bool = False


class Title(NamedTuple):
    """The headline, how it is known, and every candidate."""

    text: str | None
    known: str
    candidates: list[Candidate]


def read_title(markup: Markup) -> Title:
    """Return the headline. The candidates are the h1 headings and the declared titles."""
    declared = list(_read_declared(markup))
    headings = list(_read_headings(markup))
    shown = [one for one in headings if one.source == "h1" and not one.part] + declared
    candidates = [Candidate(field="title", value=one.text, source=one.source) for one in shown]
    site = _read_site_names(markup)
    if declared and urlsplit(markup.url).path in ("", "/") and all(fold_words(one.text) in site for one in declared):
        return Title(declared[0].text, declared[0].source, candidates)  # a front page is called as its site
    best = _choose(headings, declared, site)
    if best is None:
        return Title(None, "none: no heading and no title", candidates)
    return Title(best.text, best.source, candidates)


def _read_declared(markup: Markup) -> Iterator[TitleClaim]:
    """Yield the titles that the markup declares, each source once."""
    for key in ("headline", "name"):
        text = next((found[0] for node in markup.nodes[:3] if (found := read_texts(node, key))), None)
        if text:
            yield _claim(text, f"json-ld:{key}")
    for name in ("og:title", "twitter:title", "dc.title", "headline", "parsely-title", "title"):
        text = markup.read_meta(name)
        if text:
            yield _claim(text, f"meta:{name}")
    if markup.title:
        yield _claim(markup.title, "title")


def _claim(text: str, source: str) -> TitleClaim:
    return TitleClaim(text, source, _DECLARED_WEIGHTS.get(source, _OTHER_WEIGHT))


def _read_headings(markup: Markup) -> Iterator[TitleClaim]:
    """Yield each heading as a whole, and those of its parts that may stand alone."""
    for tag, most in _MAX_HEADINGS.items():
        for marked in markup.marked.get(tag, ())[:most]:
            if not _is_logo(marked.element, markup.url):
                yield from _split_heading(marked, tag, markup.is_outside_article(marked.element))


def _split_heading(marked: MarkedElement, tag: str, elsewhere: bool) -> Iterator[TitleClaim]:
    weight = _HEADING_WEIGHTS[tag] * (0.4 if elsewhere else 1.0)
    pieces = [line for text in _list_texts(marked.element) if (line := clean_line(text))]
    whole = clean_line("".join(_list_texts(marked.element)))
    if whole:
        yield TitleClaim(whole, tag, weight)
    if len(pieces) > 1 and tag == "h1":
        spaced = clean_line(" ".join(pieces))
        if spaced != whole:
            yield TitleClaim(spaced, tag, weight, part=True)
        runs = ((0, 1), (-1, None), (1, None), (0, -1), (1, -1))
        for piece in [*(" ".join(pieces[begin:end]) for begin, end in runs), *pieces[1:-1][:_MAX_PARTS]]:
            if line := clean_line(piece):
                yield TitleClaim(line, tag, weight, part=True)


def _list_texts(element: HtmlElement) -> Iterator[str]:
    for node in element.iter():
        if node.tag not in ("style", "script", "noscript", "svg"):
            yield node.text or ""
        if node is not element:
            yield node.tail or ""


def _is_logo(heading: HtmlElement, url: str) -> bool:
    """Say whether *heading* is only a link to the front page."""
    link = next(iter(heading.iter("a")), None)
    if link is None or read_shown_text(link) != read_shown_text(heading):
        return False
    try:
        parts, here = urlsplit(urljoin(url, (link.get("href") or "x").strip())), urlsplit(url)
    except ValueError:
        return False
    return parts.path in ("", "/") and not parts.query and here.path not in ("", "/")


def _choose(headings: list[TitleClaim], declared: list[TitleClaim], site: set[str]) -> TitleClaim | None:
    """Return the claim with the most support; of several, the first."""
    site = (site | _find_site_suffixes(declared, headings)) - _find_misnamed_sites(declared, headings)
    known = {fold_words(one.text) for one in headings if not one.part and (one.source == "h1" or len(one.text) > 20)}
    cut = [one._replace(text=cut_site_name(one.text, site, known)) for one in declared]
    usable = [one for one in (*headings, *cut) if (folded := fold_words(one.text)) and folded not in site]
    if not usable:
        return next(iter((*declared, *headings)), None)
    declared_words = [(Counter(fold_words(one.text).split()), one.weight) for one in cut if one.text]
    likeness = {
        folded: _measure_agreement(Counter(folded.split()), declared_words)
        for folded in {fold_words(one.text) for one in usable}
    }
    doubtful = {name for name, one in likeness.items() if one < _MIN_LIKENESS} if declared_words else set()
    support = _measure_support(usable, doubtful - _find_lone_heading(headings))
    best = max(usable, key=lambda one: support[fold_words(one.text)] + 1.5 * likeness[fold_words(one.text)])
    return _cut_filing(_add_kicker(best, declared))


def _find_lone_heading(headings: list[TitleClaim]) -> set[str]:
    """Return the page's only h1 where it is long enough for a headline: what is written for search engines may be
    quite another one."""
    texts = {one.text: one.weight for one in headings if one.source == "h1" and not one.part}
    return {
        fold_words(text)
        for text, weight in texts.items()
        if len(texts) == 1
        and weight == _HEADING_WEIGHTS["h1"]
        and len(text.split()) > _FEWEST_WORDS
        and not text.endswith(":")
    }


def _add_kicker(best: TitleClaim, declared: list[TitleClaim]) -> TitleClaim:
    """Return the declared headline where JSON-LD and og:title both have the chosen one after the same kicker."""
    named = [one for one in declared if one.source in ("json-ld:headline", "meta:og:title")]
    if best.source == "h1" and len(named) == 2 and len({fold_words(one.text) for one in named}) == 1:
        _, colon, after = named[0].text.partition(": ")
        if colon and fold_words(after) == fold_words(best.text):
            return named[0]
    return best


def _cut_filing(best: TitleClaim) -> TitleClaim:
    """Return *best* without the short parts after bars: sections and sites."""
    text, *others = best.text.split(" | ")
    if others and len(text.split()) >= _FEWEST_WORDS and all(len(one.split()) <= _MOST_FILING_WORDS for one in others):
        return best._replace(text=text.strip())
    return best


def _find_misnamed_sites(declared: list[TitleClaim], headings: list[TitleClaim]) -> set[str]:
    """Return the headline where a heading and a declared title are both nothing but it: no site's name, though some
    pages declare it as one (``og:site_name``, ``application-name``)."""
    shown = {fold_words(one.text) for one in headings if one.source == "h1" and not one.part}
    titles = {fold_words(one.text) for one in declared if one.source in _HEADLINE_SOURCES}
    titles |= {fold_words(_SEPARATOR.split(one.text)[0]) for one in declared if one.source == "title"}
    return {name for name in shown & titles if len(name.split()) >= _FEWEST_WORDS or _is_long_unspaced(name)}


def _is_long_unspaced(name: str) -> bool:
    """Say whether *name* is a headline's length in a script without spaces."""
    return len(name) >= 8 and ord(name[0]) > 0x0E00


def _measure_support(usable: list[TitleClaim], doubtful: set[str]) -> dict[str, float]:
    """Return the support of each folded headline. Each source counts once, a part only where another source has it too.

    A heading of those in *doubtful*, which are unlike every declared title, counts for little.
    """
    support: dict[str, float] = defaultdict(float)
    sources: dict[str, set[str]] = {}
    for one in sorted(usable, key=lambda one: one.part):
        folded = fold_words(one.text)
        others = sources.setdefault(folded, set())
        if one.source in others or (one.part and not others):
            continue
        others.add(one.source)
        support[folded] += one.weight * (0.2 if one.source in _HEADING_WEIGHTS and folded in doubtful else 1.0)
    return support


def _measure_agreement(words: Counter[str], declared_words: Iterable[tuple[Counter[str], float]]) -> float:
    """Return how well *words* agree with those of the declared titles, 0 to 1."""
    total = shared = 0.0
    for other, weight in declared_words:
        common = (words & other).total()
        total += weight
        shared += weight * (2 * common / (words.total() + other.total()) if common else 0.0)
    return shared / total if total else 0.0


def cut_site_name(title: str, site: set[str], known: Iterable[str] = ()) -> str:
    """Return *title* without the parts that are names in *site*, or that a heading in *known* is without."""
    if fold_words(title) in known:
        return title
    cuts = list(_SEPARATOR.finditer(title))[:20]
    for cut in cuts:
        if fold_words(title[: cut.start()]) in known and fold_words(title[: cut.start()]) not in site:
            return title[: cut.start()].strip()
    for cut in cuts:
        if fold_words(title[cut.end() :]) in known and fold_words(title[cut.end() :]) not in site:
            return title[cut.end() :].strip()
    for _ in range(_MAX_PARTS):
        shorter = _cut_site(title, site)
        if not fold_words(shorter) or shorter == title:
            break
        title = shorter
    return title


def _cut_site(title: str, site: set[str]) -> str:
    """Return *title* without one part that names its site, at its end or else at its beginning."""
    cuts = list(_SEPARATOR.finditer(title))[:20]
    for cut in reversed(cuts):
        if _names_site(title[cut.end() :], site):
            return title[: cut.start()].strip()
    for cut in cuts:
        if _names_site(title[: cut.start()], site):
            return title[cut.end() :].strip()
    return title


def _names_site(part: str, site: set[str]) -> bool:
    folded = fold_words(part)
    return (
        not folded or folded in site or _FILING_WORDS.fullmatch(folded) is not None or folded.replace(" ", "") in site
    )


def _find_site_suffixes(declared: list[TitleClaim], headings: list[TitleClaim]) -> set[str]:
    """Return the parts of <title> after a separator where another title is the part before it."""
    title = next((one.text for one in declared if one.source == "title"), "")
    others = {fold_words(one.text) for one in (*declared, *headings) if one.source != "title" and one.source[0] != "h"}
    tails = {fold_words(one.text) for one in headings if one.source == "h1"}
    found = set()
    for cut in list(_SEPARATOR.finditer(title))[:20]:
        before, after = fold_words(title[: cut.start()]), fold_words(title[cut.end() :])
        if before and (before in others or (after in tails and len(after) < len(before))):
            found.add(after)
    return found


def _read_site_names(markup: Markup) -> set[str]:
    host = (urlsplit(markup.url).hostname or "").removeprefix("www.")
    names = {
        markup.read_meta("og:site_name") or "",
        markup.read_meta("application-name") or "",
        host,
        host.rpartition(".")[0],
    }
    for node in markup.json_ld.nodes[:50]:
        names.update(read_texts(node, "publisher")[:1])
    folded = {fold_words(name) for name in names if name}
    return folded | {name.replace(" ", "") for name in folded} - {""}
