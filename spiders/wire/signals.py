"""The signals, canonical links and flags of a response, from its headers and the beginning of its page.

Bytes are searched, nothing is parsed: this runs for every page and must take a tenth of a millisecond. Only the head of
a page within its first 128 KiB is read; what a script writes is not seen.

    truncated      a part of the page, which nobody asked for
    unclosed       the connection broke off behind the end of the page
    refresh        a page that leads on to another by itself, within five seconds
    blocked        401, 403, 451, or the title of a firewall's page
    captcha        a challenge in place of the page
    soft_404       a 2xx whose title says that there is nothing, an article that redirects to its site's home page
    login_wall     a title that asks to log in, an article that redirects to a login
    consent_wall   the same for consent
    paywall        402, JSON-LD isAccessibleForFree false, a content tier that is not free
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import ada_url

from spiders.policy.scope import is_one_site, resolve_redirect
from spiders.wire.refresh import find_refresh
from spiders.wire.wall_marks import CHALLENGE_HEADERS, CHALLENGES, TITLES, WALL_ADDRESSES, WIDGETS
from storage.captures.exchange import Exchange
from storage.captures.metadata_record import read_flags
from storage.model.outcome import RULES
from storage.model.page_facts import REFRESH, PageFacts
from storage.warc.http import HttpHead

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_TOP_BYTES = 128 * 1024
_COMMENT_BYTES = 4096
_TAG_BYTES = 4096
_MOST_BRACKETS = 4  # an attribute may have some
_WORDS = (b"robots", b"canonical", b"amphtml", b"tdm-", b"content_tier", b"ROBOTS", b"hemeroteca")
_SHORT_PAGE_BYTES = 32 * 1024
_MOST_CHARACTERS = 1000
_TAG = re.compile(rb"<(?:meta|link|META|LINK)\s")
_TITLE = re.compile(rb"<(?:title|TITLE)[^<>]*>([^<]{0,300})")
_ATTRIBUTE = re.compile(rb"(?<![a-z:-])([a-z:-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE)
_FREE = b"isAccessibleForF"  # the search skips fastest where the last byte is rare
_NOT_FREE = re.compile(rb"ree\\?[\"']?\s*:\s*\\?[\"']?(?:false|no\b|https?:\\?/\\?/schema.org\\?/False)", re.IGNORECASE)
_CLOSED_TIERS = frozenset({"locked", "metered", "premium", "paid"})
_REFUSALS = frozenset({401, 403, 451})
_LINK_HEADER = re.compile(r"<([^<>]*)>\s*;[^,<]*?\brel\s*=\s*\"?canonical\b", re.IGNORECASE)


class _Page(NamedTuple):
    """A response and its page; *top* is the head of the page."""

    exchange: Exchange
    head: HttpHead
    body: bytes
    top: bytes


def find_page_facts(exchange: Exchange) -> PageFacts:
    """Return what the response of the ended *exchange* says about itself."""
    head = exchange.framer.head
    if head is None:
        return PageFacts()
    body = exchange.body_beginning if head.media_type in _HTML else b""
    page = _Page(exchange, head, body, body[: _end_of_head(body)])
    tags = list(_tags(page))
    metas = {name: value for tag, name, value in tags if tag == b"meta"}
    evidence = tuple(_evidence(page, metas))
    found: dict[str, Any] = _links(page, tags) | _reservation(page, metas)
    found |= {
        "robots_header": _join(sorted(_header_values(head, b"x-robots-tag"), key=_names_a_crawler)),
        "robots_meta": _join(value for tag, name, value in tags if tag == b"meta" and name in ("robots", "hemeroteca")),
        "content_signal": _join(_header_values(head, b"content-signal")) or exchange.facts.signals.content_signal,
    }
    return PageFacts(**found, flags=read_flags(evidence), evidence=evidence)


def _end_of_head(body: bytes) -> int:
    end = body.find(b"</head", 0, _TOP_BYTES)
    return end if end >= 0 else _TOP_BYTES


def _tags(page: _Page) -> Iterator[tuple[bytes, str, str]]:
    """Yield tag, name or relation, and value of each ``meta`` and ``link`` that matters, unless it is in a comment."""
    for place, tag in _find_tags(page.top):
        if _is_comment(page.top, place):
            continue
        attributes = {name.lower(): b"".join(values) for name, *values in _ATTRIBUTE.findall(tag)}
        if tag[1:5].lower() == b"meta":
            yield (
                b"meta",
                _text(attributes.get(b"name") or attributes.get(b"property", b"")).lower(),
                _text(attributes.get(b"content", b"")),
            )
        else:
            for relation in _text(attributes.get(b"rel", b"")).lower().split():
                yield b"link", relation, _text(attributes.get(b"href", b""))


def _find_tags(top: bytes) -> list[tuple[int, bytes]]:
    """Return place and text of each ``meta`` and ``link`` that contains one of _WORDS, in their order.

    It searches for the words, not the tags: a page has fifty such tags, and few have one of the words.
    """
    found: dict[int, bytes] = {}
    for word in _WORDS:
        place = top.find(word)
        while place >= 0:
            start = place
            for _ in range(_MOST_BRACKETS):
                start = top.rfind(b"<", max(0, place - _TAG_BYTES), start)
                is_tag = start >= 0 and _TAG.match(top, start) is not None
                if is_tag or start < 0:
                    break
            if is_tag and (end := top.find(b">", start, start + 2 * _TAG_BYTES)) >= place:
                found[start] = top[start : end + 1]
            place = top.find(word, place + len(word))
    return sorted(found.items())


def _is_comment(top: bytes, place: int) -> bool:
    start = max(0, place - _COMMENT_BYTES)
    return top.rfind(b"<!--", start, place) > top.rfind(b"-->", start, place)


def _text(raw: bytes) -> str:
    return html.unescape(" ".join(raw.decode(errors="replace").split()))[:_MOST_CHARACTERS]


def _header_values(head: HttpHead, name: bytes) -> list[str]:
    return [value.decode("latin-1") for value in head.values(name)]


def _names_a_crawler(header: str) -> bool:
    """Say whether *header* is for one crawler by name: joined before others, it would seem to include them."""
    return bool(re.match(r"\s*(?!unavailable_after|max-)[a-z0-9_-]+\s*:", header, re.IGNORECASE))


def _join(values: Any) -> str | None:
    return ", ".join(value for value in values if value)[:_MOST_CHARACTERS] or None


def _links(page: _Page, tags: list[tuple[bytes, str, str]]) -> dict[str, str | None]:
    links = {name: value for tag, name, value in reversed(tags) if tag == b"link" and value}
    if header := _LINK_HEADER.search(page.head.value(b"link") or ""):
        links["canonical"] = header[1]
    names = ("canonical", "amphtml")
    return {name: _absolute(links.get(name), page.exchange.url) for name in names}


def _absolute(address: str | None, url: str) -> str | None:
    try:
        return ada_url.join_url(url, address) if address else None
    except ValueError:
        return None


def _reservation(page: _Page, metas: dict[str, str]) -> dict[str, Any]:
    """Return the TDMRep reservation: of the page, else of the header, else of the origin's file."""
    for reserved, policy in (
        (metas.get("tdm-reservation"), metas.get("tdm-policy")),
        (page.head.value(b"tdm-reservation"), page.head.value(b"tdm-policy")),
    ):
        if reserved in ("0", "1"):
            return {
                "tdm_reservation": reserved == "1",
                "tdm_policy": _absolute(policy, page.exchange.url),
            }
    elsewhere = page.exchange.facts.signals
    return {"tdm_reservation": elsewhere.tdm_reservation, "tdm_policy": elsewhere.tdm_policy}


def _evidence(page: _Page, metas: dict[str, str]) -> Iterator[str]:
    status = page.head.status
    refresh = None if page.exchange.facts.purpose in RULES else find_refresh(page.head, page.top, page.exchange.url)
    if page.exchange.missing_part:
        yield f"truncated: {page.exchange.missing_part}"
    if page.exchange.is_unclosed:
        yield "unclosed: the connection broke off after the end of the body"
    if refresh:
        yield f"{REFRESH}{refresh}"
    if status in _REFUSALS:
        yield f"{'login_wall' if status == 401 else 'blocked'}: status {status}"
    target = _redirect_target(page) or refresh
    if page.exchange.facts.purpose == "article" and target:
        yield from _redirect_evidence(page.exchange.url, target)
    yield from _challenge_evidence(page)
    if title := _TITLE.search(page.top):
        yield from _title_evidence(_text(title[1]), status)
    yield from _paywall_evidence(page, metas)


def _redirect_target(page: _Page) -> str | None:
    if not 300 <= page.head.status < 400 or page.head.status == 304:
        return None
    return resolve_redirect(page.head.value(b"location") or "", page.exchange.url)


def _redirect_evidence(url: str, target: str) -> Iterator[str]:
    """Yield what the address that an article redirects to is evidence of."""
    walls = [flag for flag, address in WALL_ADDRESSES.items() if address.search(target) and not address.search(url)]
    is_home = urlsplit(target).path in ("", "/") and urlsplit(url).path not in ("", "/")
    if is_home and not walls and is_one_site(target, url):
        yield f"soft_404: redirects to the home page {target}"
    for flag in walls:
        yield f"{flag}: redirects to {target[:_MOST_CHARACTERS]}"


def _title_evidence(title: str, status: int) -> Iterator[str]:
    for flag, pattern in TITLES.items():
        if pattern.search(title) and (flag != "soft_404" or status < 300):
            yield f"{flag}: title {title}"


def _challenge_evidence(page: _Page) -> Iterator[str]:
    for name, values in CHALLENGE_HEADERS.items():
        if (value := (page.head.value(name) or "").lower()) in values:
            yield f"captcha: {name.decode()} {value}"
    if not page.body or len(page.body) > _SHORT_PAGE_BYTES:
        return
    marks = CHALLENGES + (WIDGETS if page.head.status >= 400 else ())
    for mark in marks:
        if mark in page.body:
            yield f"captcha: {mark.decode()}"


def _paywall_evidence(page: _Page, metas: dict[str, str]) -> Iterator[str]:
    if page.head.status == 402:
        yield "paywall: status 402"
    place = page.body.find(_FREE)
    while place >= 0:
        if _NOT_FREE.match(page.body, place + len(_FREE)):
            yield "paywall: json-ld isAccessibleForFree=false"
            break
        place = page.body.find(_FREE, place + 1)
    for name in ("article:content_tier", "og:article:content_tier"):
        if metas.get(name, "").lower() in _CLOSED_TIERS:
            yield f"paywall: meta {name}={metas[name].lower()}"
