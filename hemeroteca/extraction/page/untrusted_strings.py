"""Strings from pages as one clean line: no markup, no entities, nothing that UTF-8 cannot hold."""

from __future__ import annotations

import html
import re
import unicodedata
from functools import lru_cache

from hemeroteca.extraction.page.unseen_characters import drop_unseen

_TAG = re.compile(r"</?[a-zA-Z!][^<>]{0,2000}>")
_WORD = re.compile(r"\w+")


def clean_line(text: str | None, max_chars: int = 2_000) -> str:
    """Return *text* as one line without tags and entities, cut to *max_chars* characters."""
    line = (text or "")[: 2 * max_chars]
    if "&" in line:
        line = html.unescape(html.unescape(line))  # many a CMS escapes twice
    if "<" in line:
        line = _TAG.sub(" ", line)
    if not line.isascii():
        line = replace_surrogates(line)
    return " ".join(drop_unseen(line).split())[:max_chars]


def replace_surrogates(text: str) -> str:
    """Return *text* with each lone surrogate, which JSON can hold and UTF-8 cannot, as U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


@lru_cache(maxsize=4_096)
def fold_words(text: str) -> str:
    """Return the words of *text* in lower case and compatibility form, to compare two spellings of one text."""
    plain = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return " ".join(_WORD.findall(plain.lower()))
