"""The language of a text, by the model that py3langid brings (BSD), and the language that a page claims."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from hemeroteca.extraction.page.markup import Markup

MAX_CHARS = 1_500
"""More characters do not make it surer."""
SURE = 0.6
_LEAST = 20
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ALIKE = ({"nb", "nn", "no", "da"}, {"bs", "hr", "sr", "sh"}, {"id", "ms"}, {"gl", "pt"}, {"cs", "sk"}, {"zh", "yue"})
"""Languages that are written so similarly that they count as one when compared."""


def read_language(text: str, markup: Markup) -> tuple[str | None, str, str | None]:
    """Return the language of *text* (BCP 47), how it is known, and the language that the page claims."""
    claimed, where = read_claimed_language(markup)
    found, sure = detect_language(text)
    if found and sure >= SURE:
        return found, "text", claimed
    if claimed:
        return claimed, where, claimed
    return None, "none: too little text to tell", claimed


@lru_cache(maxsize=4)
def detect_language(text: str, least: int = _LEAST) -> tuple[str | None, float]:
    """Return the language that *text* begins in and how sure it is, 0 to 1; None for fewer than *least* letters."""
    beginning = text[:MAX_CHARS]
    if sum(map(str.isalpha, beginning)) < least:
        return None, 0.0
    code, sure = _load_identifier().classify(beginning)
    return str(code), float(sure)


def read_claimed_language(markup: Markup) -> tuple[str | None, str]:
    """Return the BCP 47 tag that the page declares, and where it does."""
    root = markup.tree
    xml = root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    offers = [("html:lang", root.get("lang") or xml)]
    names = ("content-language", "og:locale", "dc.language", "inlanguage", "language")
    offers += [(f"meta:{name}", markup.read_meta(name)) for name in names]
    for where, claim in offers:
        tag = (claim or "").strip().replace("_", "-")
        if _TAG.fullmatch(tag):
            return tag, where
    return None, "none: the page claims no language"


def are_different_languages(found: str | None, claimed: str | None) -> bool:
    """Say whether two tags are of different languages; no, where one is missing or they are written alike."""
    if not found or not claimed:
        return False
    one, other = (tag.split("-")[0].lower() for tag in (found, claimed))
    return one != other and not any(one in alike and other in alike for alike in _ALIKE)


@cache
def _load_identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # takes 0.4 s and 100 MB: only where a page is read

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
