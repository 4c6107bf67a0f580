"""How a page writes its dates: its language, and whether the day or the month comes first in ``05/07/2024``."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from hemeroteca.extraction.metadata.month_names import find_month, fold_name, read_order
from hemeroteca.extraction.page.markup import READ_TAGS, Markup

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
"""What a title without a language is told by."""

_MONTH_FIRST_LOCALES = frozenset({"en-US", "en-CA", "en-PH"})
_OF_NO_COUNTRY = frozenset({"ai", "cc", "co", "fm", "gg", "io", "la", "ly", "me", "so", "to", "tv", "vc", "ws"})
"""Domains of countries that sites of any country have."""

_OF_AMERICA = frozenset({"us", "gov", "mil", "edu"})
_NUMBERS = re.compile(r"(?<![\w.,/-])(\d{1,2})([./-])(\d{1,2})\2(?:19|20)\d\d(?!\d)")
_MONTH_DAY = re.compile(r"\b([A-Z][a-z]{2,8})\.? \d{1,2}(?:st|nd|rd|th)?,? (?:19|20)\d\d\b")
_DAY_MONTH = re.compile(r"\b\d{1,2}(?:st|nd|rd|th)? ([A-Z][a-z]{2,8})\.?,? (?:19|20)\d\d\b")
_MAX_SEARCHED_CHARS = 200_000


class DateStyle(NamedTuple):
    """The language and the locale of a page (BCP 47, empty for unknown), and how it orders the parts of a day.

    ``sure`` says whether its region, or all who write its language, order them so.
    """

    language: str = ""
    locale: str = ""
    order: str = "dmy"
    sure: bool = False

    @property
    def is_month_first(self) -> bool:
        return self.order == "mdy"


UNKNOWN_STYLE = DateStyle()


def make_date_style(locale: str, host: str = "") -> DateStyle:
    """Return how dates are written in *locale*, for English without a region by the country of *host*."""
    tag = locale.replace("_", "-")
    language = tag.split("-")[0].lower()
    if language == "en":
        return _make_english(tag, host)
    order = read_order(tag)
    return DateStyle(language, tag, order or "dmy", order is not None)


def read_date_style(markup: Markup) -> DateStyle:
    """Return how *markup*'s page writes dates, by its language and region, else by the script of its title."""
    host = urlsplit(markup.url).hostname or ""
    tags = [tag for one in _list_claims(markup) if (tag := (one or "").strip()) and _TAG.fullmatch(tag)]
    if not tags:
        title = markup.title or markup.read_meta("og:title") or ""
        language = next((name for name, script in _SCRIPTS if script.search(title)), "")
        return make_date_style(language, host) if language else UNKNOWN_STYLE
    language = re.split("[-_]", tags[0])[0].lower()
    of_region = next((tag for tag in tags if re.split("[-_]", tag)[0].lower() == language and len(tag) > 4), tags[0])
    return make_date_style(of_region, host)


def _list_claims(markup: Markup) -> list[str | None]:
    root = markup.tree
    names = ("og:locale", "content-language", "dc.language", "inlanguage", "language")
    return [root.get("lang"), root.get("xml:lang"), *(markup.read_meta(name) for name in names)]


def _make_english(tag: str, host: str) -> DateStyle:
    region = next((part.upper() for part in tag.split("-")[1:] if len(part) == 2), "")
    if region:
        order = "mdy" if f"en-{region}" in _MONTH_FIRST_LOCALES else "dmy"
        return DateStyle("en", f"en-{region}", order, sure=True)
    domain = host.rpartition(".")[2]
    is_of_country = len(domain) == 2 and domain not in _OF_NO_COUNTRY and domain not in _OF_AMERICA or domain == "eu"
    return DateStyle("en", "en", "dmy" if is_of_country else "mdy", is_of_country or domain in _OF_AMERICA)


def find_numeric_order(markup: Markup) -> str:
    """Return the order that the page's other dates have: ``mdy``, ``dmy``, or nothing where there are none or both.

    Numbers above twelve say it (12/31/2024); where there are none, how months with English names are written.
    """
    shown = []
    left = _MAX_SEARCHED_CHARS
    for element in markup.tree.iter(*READ_TAGS):
        for text in (element.text, element.tail):
            if text and left > 0:
                shown.append(text[:left])
                left -= len(text)
    text = "\n".join(shown)
    numbers = [(int(found[1]), int(found[3])) for found in _NUMBERS.finditer(text)]
    by_number = {"dmy" if one > 12 else "mdy" for one, other in numbers if (one > 12) != (other > 12)}
    if by_number:
        return by_number.pop() if len(by_number) == 1 else ""
    by_name = {
        order
        for order, pattern in (("mdy", _MONTH_DAY), ("dmy", _DAY_MONTH))
        for found in pattern.finditer(text)
        if find_month(fold_name(found[1]), "en")
    }
    return by_name.pop() if len(by_name) == 1 else ""
