"""What the reasons of the ledger mean, and what to do about each, in plain words."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from storage.model.outcome import ROBOTS_UNREAD, is_passing

AGAIN = "Nothing to do: later nights try again."
NOTHING = "Nothing to do."


class Told(NamedTuple):
    """What a reason means, and what to do about it."""

    meaning: str
    advice: str


_REASONS = {
    "timeout": Told("it did not answer completely in time", AGAIN),
    "dns": Told("its host's name has no address", f"{AGAIN} If the name has changed, correct it in the card."),
    "tls": Told(
        "no secure connection: bad certificate or failed handshake",
        f"{AGAIN} `tls: record` in the card fetches despite a bad certificate, and records that.",
    ),
    "connect": Told("no connection, or the connection was lost", AGAIN),
    "protocol": Told("its answer is not HTTP", AGAIN),
    "length": Told("the answer is too long, or only a part of the page", AGAIN),
    "redirect_loop": Told("it redirects to itself, or in a circle", "Open it in a browser: the site may be broken."),
    "interrupted": Told("the crawl was stopped", AGAIN),
    "not_a_feed": Told(
        "it is not the feed or sitemap that the card says",
        "Open it in a browser, and correct `discoveries` in the card.",
    ),
    "empty": Told("it lists no addresses", "Open it in a browser: the newspaper may have moved its feed."),
    "parser_limit": Told("it is too large or too complex to parse; it is stored", NOTHING),
    "callback_error": Told(
        "the spider's own code failed on this page", "`--urls` shows the file and line; correct the spider."
    ),
    "error": Told("an error in our code", "Please report it, with what `--urls` shows."),
    "robots": Told(
        "robots.txt forbids it, or could not be read", "It stays so until the site changes it: ask its publisher."
    ),
    "scope": Told(
        "not an address of this newspaper, according to its card",
        "Nothing to do, unless these include articles: see `hosts`, `include` and `exclude` in the card.",
    ),
    "private_address": Told(
        "its host has no public address", "If you want that, write `allow_private: true` into the card."
    ),
    "port": Told("its port is not one for web servers", NOTHING),
    "trap": Told("one of endlessly many addresses, such as a calendar's", NOTHING),
    "too_old": Told("older than the card asks for", "Raise `recent_days` in the card to get older ones."),
    "scheme": Told("neither http nor https", NOTHING),
    "redirects": Told("too many redirects in a row", "Open it in a browser: the site may be broken."),
    "not_due": Told("the archive has it; its next look is later", NOTHING),
    "other_night": Told("not of the nights that the backfill asks for", NOTHING),
    "budget": Told(
        "the time or the number of pages of this crawl was used up",
        f"{AGAIN} If it happens every night, raise `nightly_budget` in the card.",
    ),
    "host_busy": Told("another crawl was using this host", AGAIN),
    "host_blocked": Told("the host refused or did not answer too often", AGAIN),
    "duplicate": Told("the same page as another address", NOTHING),
    "dropped": Told("the spider's own code dropped the request", "If you do not want that, see its middlewares."),
    "closed": Told("the spider ended before fetching it", "If you do not want that, see the spider."),
}
_NO_RULES = Told("its host's robots.txt could not be read, and without it nothing is asked", AGAIN)
_STATUSES = {
    401: Told("the site says 401: only with a login", "It stays so unless its publisher lets us in."),
    403: Told(
        "the site says 403 to our User-Agent", "Ask its publisher to let us in; HEMEROTECA_CONTACT says who we are."
    ),
    404: Told("the site says 404: there is no such page", NOTHING),
    410: Told("the site says 410: the page was taken down", NOTHING),
    429: Told("the site says 429: too many requests", f"{AGAIN} If it continues, raise `delay_seconds` in the card."),
    451: Told("the site says 451: unavailable for legal reasons", "Nothing to do: other countries may have access."),
}


def tell_reason(reason: str, detail: str | None = None) -> Told:
    """Return what *reason* means, which may be ``http_NNN``; the *detail* may say that it is no lasting one."""
    if (reason, detail) == ("robots", ROBOTS_UNREAD):
        return _NO_RULES
    if reason in _REASONS:
        return _REASONS[reason]
    number = reason.removeprefix("http_")
    if not number.isdigit():
        return Told(reason, NOTHING)
    status = int(number)
    if status in _STATUSES:
        return _STATUSES[status]
    phrase = next((one.phrase.lower() for one in HTTPStatus if one.value == status), "an unusual answer")
    return Told(f"the site says {status}: {phrase}", AGAIN if is_passing(reason) else NOTHING)
