"""How a page writes its dates: its language, and whether the day or the month comes first in ``05/07/2024``."""

from __future__ import annotations

import re
from typing import NamedTuple
from urllib.parse import urlsplit

from hemeroteca.extraction.metadata.month_names import read_order
from hemeroteca.extraction.page.markup import Markup

_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_SCRIPTS = (
    ("ko", re.compile("[\uac00-\ud7a3]")),
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
"""What a title without a language is told by."""

_MONTH_FIRST_LOCALES = frozenset({"en-US", "en-CA", "en-PH"})
_DAY_FIRST_HOSTS = re.compile(r"\.(?:uk|ie|au|nz|za|in|sg|my|ng|ke|gh|pk|lk|bd|mt|hk|jm|eu|[a-z]{2})\Z")
_OF_AMERICA = re.compile(r"\.(?:us|gov|mil|edu)\Z")


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
    return DateStyle("en", "en", "mdy" if _OF_AMERICA.search(host) else "dmy", bool(_DAY_FIRST_HOSTS.search(host)))
