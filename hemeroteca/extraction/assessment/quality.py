"""What to think of a text: flags, each for a reason that a reader of the page would see, and how much of it is kept."""

from __future__ import annotations

import math
import re
from typing import NamedTuple
from urllib.parse import urlsplit

from hemeroteca.extraction.metadata.language import are_different_languages, detect_language, read_claimed_language
from hemeroteca.extraction.page.json_ld import ARTICLE_TYPES, open_list, read_first_text, read_types
from hemeroteca.extraction.page.markup import Markup
from storage.model.document import QualityFlag

SHORT = 300
"""Letters: a shorter text is hardly an article."""
LIST_AT = 0.7

_LONG_LINE = 120
_WALL_TEXT = 2_500
_STUB_PART = 0.6
_LIST_PATH = re.compile(
    r"/(?:categor(?:y|ies|ia|ias|ie)|kategorien?|tags?|topics?|themen?|temas?|search|suche|collections?|shop|"
    r"products?|forums?|"
    r"forum|threads?|viewtopic\.php|archive|archivo?|sections?|directory|jobs?|courses|list|all|community|discussions?|"
    r"questions|groups?|author|autor(?:es|en)?)(?:/|\Z)",
    re.IGNORECASE,
)
_SLUG = re.compile(r"\d{4}|-[^/]*-[^/]*-")
_LISTS = frozenset(
    {
        "collectionpage",
        "itemlist",
        "searchresultspage",
        "profilepage",
        "qapage",
        "discussionforumposting",
        "offercatalog",
    }
)
_LIST_WEIGHTS = {
    "linked": 1.6, "long_lines": -1.1, "long_share": -1.5, "own_article": -1.3, "og_article": -1.85, "dated": -1.1,
    "text_share": -1.1, "linked_headings": 0.4, "front_page": 1.2, "list_path": 3.8, "list_type": 3.1, "times": 2.1,
    "slug": -2.2,
}  # fmt: skip
_LIST_BIAS = 2.2
"""A logistic regression over news, blogs, listings, collections and forums; docs/extraction.md has its figures."""

_CONSENT = re.compile(
    r"accept (?:all )?cookies|we (?:and our partners )?use cookies|cookie (?:settings|preferences|policy)|"
    r"your privacy choices|"
    r"consent to|legitimate interest|alle akzeptieren|cookies? (?:zustimmen|akzeptieren)|zustimmen und weiter|"
    r"datenschutzeinstellungen|aceptar (?:todas )?(?:las )?cookies|utilizamos cookies|nous utilisons des cookies|"
    r"accepter (?:et continuer|les cookies)|continuer sans accepter|accetta(?: tutti i)? cookie|"
    r"utilizziamo (?:i )?cookie|"
    r"before you continue|partners? store and/or access|vendors? can use",
    re.IGNORECASE,
)
_LOGIN = re.compile(
    r"(?:log ?in|sign ?in|register|subscribe) to (?:continue|read|view|access)|already a (?:subscriber|member)|"
    r"this (?:article|content|story) is (?:for|only available to|exclusive to) (?:our )?(?:subscribers|members)|"
    r"create (?:a free|an) account to|jetzt (?:weiterlesen|anmelden)|nur für abonnenten|mit .{2,20} weiterlesen|"
    r"inicia(?:r)? sesión para|suscríbete para (?:seguir )?leer|contenido (?:exclusivo|solo) para suscriptores|"
    r"réservé aux abonnés|abonnez-vous pour|connectez-vous pour|accedi per (?:continuare|leggere)|"
    r"riservato agli abbonati",
    re.IGNORECASE,
)
_ERROR = re.compile(
    r"\b40[34]\b|\b50[0234]\b|page (?:was )?not found|not found|access (?:to this page )?(?:has been )?denied|"
    r"forbidden|"
    r"just a moment|attention required|are you a robot|verify (?:that )?you are (?:a )?human|service unavailable|"
    r"error (?:404|403|500|503)|seite (?:wurde )?nicht gefunden|página no encontrada|page introuvable|"
    r"pagina non trovata|"
    r"página não encontrada|this page (?:isn.t|is not) available|enable javascript",
    re.IGNORECASE,
)
_CUT = re.compile(
    r"(?:…|\.\.\.|\[…\]|read (?:the )?(?:more|full (?:story|article))|continue reading|weiterlesen|seguir leyendo|"
    r"lire la suite|continua a leggere|leer más)\W*\Z",
    re.IGNORECASE,
)


class Quality(NamedTuple):
    """Fields of ``CleanText``, by their names there."""

    quality_flags: tuple[QualityFlag, ...]
    text_share: float | None
    boilerplate_removed: int


def assess_quality(page: Markup, text: str, title: str | None, source: str) -> Quality:
    """Return what is to be said of *text*, taken from *page*, whose HTML is *source*."""
    kept = len(text)
    share = min(1.0, kept / page.visible) if page.visible else None
    flags: dict[QualityFlag, bool] = {
        "too_short": sum(map(str.isalpha, text[:10_000])) < SHORT,
        "list_page": estimate_list_likelihood(page, text, share or 0.0) >= LIST_AT,
        "stub": _is_stub(page, text),
        "consent_wall": _is_wall(_CONSENT, page, text, title),
        "login_wall": _is_wall(_LOGIN, page, text, title),
        "error_page": kept < _WALL_TEXT and _ERROR.search(f"{title or ''}\n{page.title}") is not None,
        "wrong_language": _is_of_another_language(page, text),
        "truncated_capture": _is_cut_off(source),
    }
    return Quality(
        tuple(flag for flag, stands in flags.items() if stands),
        round(share, 4) if share is not None else None,
        max(0, page.visible - kept),
    )


def estimate_list_likelihood(page: Markup, text: str, text_share: float) -> float:
    """Return how likely *page* is a list of things and not one article, 0 to 1."""
    lines = [one for one in text.split("\n") if one.strip()]
    long = [one for one in lines if len(one) > _LONG_LINE]
    path = urlsplit(page.url).path
    headings = [one.element for tag in ("h2", "h3") for one in page.marked.get(tag, ())]
    linked = sum(next(one.iter("a"), None) is not None or _within_link(one) for one in headings)
    said = {
        "linked": page.linked / page.visible if page.visible else 1.0,
        "long_lines": math.log1p(len(long)) / 3,
        "long_share": sum(map(len, long)) / max(1, len(text)),
        "own_article": bool(page.nodes) and bool(read_types(page.nodes[0]) & ARTICLE_TYPES),
        "og_article": "article" in (page.meta("og:type") or ""),
        "dated": bool(page.meta("article:published_time")),
        "text_share": text_share,
        "linked_headings": min(linked, 20) / 20,
        "front_page": path in ("", "/"),
        "list_path": _LIST_PATH.search(path) is not None,
        "list_type": any(read_types(node) & _LISTS for node in page.json_ld.nodes[:50]),
        "times": math.log1p(len(page.marked.get("time", ()))) / 3,
        "slug": _SLUG.search(path) is not None,
    }
    return 1 / (1 + math.exp(-_LIST_BIAS - sum(_LIST_WEIGHTS[name] * value for name, value in said.items())))


def _within_link(heading: object) -> bool:
    return next(heading.iterancestors("a"), None) is not None  # type: ignore[attr-defined]


def _is_stub(page: Markup, text: str) -> bool:
    """Say whether *text* is the beginning of an article: the page says how long that is, or ends it as a teaser."""
    for node in page.nodes[:2]:
        counted = next((str(one) for one in open_list(node.get("wordCount")) if isinstance(one, int | str)), "")
        words = int(counted) if counted.isdecimal() and len(counted) < 7 else 0
        if words > 80 and len(text.split()) < _STUB_PART * words:
            return True
        body = read_first_text([node], "articleBody", 200_000) or ""
        if len(body) > 1_000 and len(text) < _STUB_PART * len(body):
            return True
        if str(node.get("isAccessibleForFree")).lower().endswith("false") and len(text) < 1_500:
            return True
    return len(text) < _WALL_TEXT and _CUT.search(text[-80:]) is not None


def _is_wall(pattern: re.Pattern[str], page: Markup, text: str, title: str | None) -> bool:
    """Say whether what is there of a text is mostly what a wall says."""
    if len(text) > _WALL_TEXT:
        return False
    spoken = len(pattern.findall(f"{title or ''}\n{page.title}\n{text}"))
    return spoken >= 2 or (spoken == 1 and len(text) < 600)


def _is_of_another_language(page: Markup, text: str) -> bool:
    found, sure = detect_language(text)
    return sure > 0.9 and len(text) > SHORT and are_different_languages(found, read_claimed_language(page)[0])


def _is_cut_off(source: str) -> bool:
    """Say whether a whole page's end is missing, or it ends within a tag."""
    end = source[-5_000:].lower()
    open_ended = "</html" not in end and "</body" not in end and end.rfind("<") > end.rfind(">")
    return open_ended and "<html" in source[:5_000].lower() and "<body" in source.lower()
