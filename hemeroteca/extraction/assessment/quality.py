"""Quality flags of a text, each for something that a reader of the page would see, and the share of the page kept."""

from __future__ import annotations

import re
from typing import NamedTuple

from hemeroteca.extraction.metadata.language import are_different_languages, detect_language, read_claimed_language
from hemeroteca.extraction.metadata.list_pages import LIST_AT, estimate_list_likelihood
from hemeroteca.extraction.page.json_ld import list_values, read_first_text
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.tree import ParsedPage
from storage.model.document import QualityFlag

MIN_LETTERS = 300
"""A text with fewer is hardly an article."""

_MAX_WALL_CHARS = 2_500
_STUB_SHARE = 0.6
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
_TEASER_END = re.compile(
    r"(?:…|\.\.\.|\[…\]|read (?:the )?(?:more|full (?:story|article))|continue reading|weiterlesen|seguir leyendo|"
    r"lire la suite|continua a leggere|leer más)\W*\Z",
    re.IGNORECASE,
)


class Quality(NamedTuple):
    """Fields of ``CleanText``, under the same names."""

    quality_flags: tuple[QualityFlag, ...]
    text_share: float | None
    boilerplate_removed: int


def assess_quality(markup: Markup, text: str, title: str | None, parsed: ParsedPage) -> Quality:
    """Return the quality of *text*, taken from the page *parsed*."""
    kept = len(text)
    share = min(1.0, kept / markup.visible_chars) if markup.visible_chars else None
    flags: dict[QualityFlag, bool] = {
        "too_short": bool(text) and sum(map(str.isalpha, text[:10_000])) < MIN_LETTERS,
        "list_page": estimate_list_likelihood(markup, text) >= LIST_AT,
        "stub": _is_stub(markup, text),
        "consent_wall": _is_wall(_CONSENT, markup, text, title),
        "login_wall": _is_wall(_LOGIN, markup, text, title),
        "error_page": kept < _MAX_WALL_CHARS and _ERROR.search(f"{title or ''}\n{markup.title}") is not None,
        "wrong_language": _is_of_another_language(markup, text),
        "truncated_capture": _is_cut_off(parsed.source),
        "guessed_encoding": parsed.guessed_encoding,
    }
    return Quality(
        tuple(flag for flag, stands in flags.items() if stands),
        round(share, 4) if share is not None else None,
        max(0, markup.visible_chars - kept),
    )


def _is_stub(markup: Markup, text: str) -> bool:
    """Say whether *text* is only the beginning of an article, by the length the page gives or by a teaser's ending."""
    for node in markup.nodes[:2]:
        counted = next((str(one) for one in list_values(node.get("wordCount")) if isinstance(one, int | str)), "")
        words = int(counted) if counted.isdecimal() and len(counted) < 7 else 0
        if words > 80 and len(text.split()) < _STUB_SHARE * words:
            return True
        body = read_first_text([node], "articleBody", 200_000) or ""
        if len(body) > 1_000 and len(text) < _STUB_SHARE * len(body):
            return True
        if str(node.get("isAccessibleForFree")).lower().endswith("false") and len(text) < 1_500:
            return True
    return len(text) < _MAX_WALL_CHARS and _TEASER_END.search(text[-80:]) is not None


def _is_wall(pattern: re.Pattern[str], markup: Markup, text: str, title: str | None) -> bool:
    """Say whether the text is mostly that of a wall, which matches *pattern*."""
    if len(text) > _MAX_WALL_CHARS:
        return False
    matches = len(pattern.findall(f"{title or ''}\n{markup.title}\n{text}"))
    return matches >= 2 or (matches == 1 and len(text) < 600)


def _is_of_another_language(markup: Markup, text: str) -> bool:
    found, sure = detect_language(text)
    return sure > 0.9 and len(text) > MIN_LETTERS and are_different_languages(found, read_claimed_language(markup)[0])


def _is_cut_off(source: str) -> bool:
    """Say whether *source* is the beginning of a page whose end is missing."""
    end = source[-5_000:].lower()
    open_ended = "</html" not in end and "</body" not in end and end.rfind("<") > end.rfind(">")
    return open_ended and "<html" in source[:5_000].lower() and "<body" in source.lower()
