"""The language of a text, by the model that comes with py3langid (BSD): nothing is fetched."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any

from hemeroteca.extraction.page.markup import Markup

LOOKED_AT = 1_500
"""Characters: more do not make it surer."""
SURE = 0.6
_LEAST = 20
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_ALIKE = ({"nb", "nn", "no", "da"}, {"bs", "hr", "sr", "sh"}, {"id", "ms"}, {"gl", "pt"}, {"cs", "sk"}, {"zh", "yue"})
"""Languages that are written so alike that one is not held against a claim of the other."""


def read_language(text: str, markup: Markup) -> tuple[str | None, str, str | None]:
    """Return the language of *text* as BCP 47, how it is known, and the one that the page claims."""
    claimed, where = read_claimed_language(markup)
    found, sure = detect_language(text)
    if found and sure >= SURE:
        return found, "text", claimed
    if claimed:
        return claimed, where, claimed
    return None, "none: too little text to tell", claimed


@lru_cache(maxsize=4)
def detect_language(text: str, least: int = _LEAST) -> tuple[str | None, float]:
    """Return the language *text* begins in and how sure that is, 0 to 1; of fewer letters than *least* None."""
    beginning = text[:LOOKED_AT]
    if sum(map(str.isalpha, beginning)) < least:
        return None, 0.0
    code, sure = _identifier().classify(beginning)
    return str(code), float(sure)


def read_claimed_language(markup: Markup) -> tuple[str | None, str]:
    """Return the BCP 47 tag that the page's root or head declares, and where."""
    root = markup.tree
    xml = root.get("{http://www.w3.org/XML/1998/namespace}lang") or root.get("xml:lang")
    offers = [("html:lang", root.get("lang") or xml)]
    names = ("content-language", "og:locale", "dc.language", "inlanguage", "language")
    offers += [(f"meta:{name}", markup.read_meta(name)) for name in names]
    for where, said in offers:
        tag = (said or "").strip().replace("_", "-")
        if _TAG.fullmatch(tag):
            return tag, where
    return None, "none: the page claims no language"


def are_different_languages(found: str | None, claimed: str | None) -> bool:
    """Say whether two languages are neither one nor as good as one."""
    if not found or not claimed:
        return False
    one, other = (tag.split("-")[0].lower() for tag in (found, claimed))
    return one != other and not any(one in alike and other in alike for alike in _ALIKE)


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # 0.4 s and 100 MB: where a page is read, not before

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
