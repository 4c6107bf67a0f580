"""What the reasons of the ledger mean, and what to do about each, in plain words."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from storage.model.outcome import is_passing

AGAIN = "It is asked for again on later nights; nothing to do."
NOTHING = "Nothing to do."


class Told(NamedTuple):
    """What a reason means, and what to do about it."""

    meaning: str
    advice: str


_REASONS = {
    "timeout": Told("no whole answer came in time", AGAIN),
    "dns": Told("its host's name has no address", f"{AGAIN} If the name has changed, correct it in the card."),
    "tls": Told(
        "no secure connection: its certificate or the handshake",
        f"{AGAIN} `tls: record` in the card fetches in spite of a bad certificate, and says so.",
    ),
    "connect": Told("no connection, or it was lost", AGAIN),
    "protocol": Told("what came is no HTTP answer", AGAIN),
    "length": Told("the answer is longer than we take, or only a part", AGAIN),
    "redirect_loop": Told("it redirects to itself, or in a circle", "Open it in a browser: the site may be broken."),
    "interrupted": Told("the crawl stopped meanwhile", AGAIN),
    "not_a_feed": Told(
        "it is not what the card says: no feed, no sitemap",
        "Open it in a browser, and correct `discoveries` in the card.",
    ),
    "empty": Told("it lists no address", "Open it in a browser: the newspaper may have moved its feed."),
    "parser_limit": Told("it has more elements than a parser is given; it is stored", NOTHING),
    "callback_error": Told(
        "the spider's own code failed on this page", "`--urls` has the file and line; mend the spider."
    ),
    "error": Told("an error in our code", "Please report it, with what `--urls` says."),
    "robots": Told(
        "robots.txt forbids it, or could not be read", "It stays so until the site says otherwise: ask its publisher."
    ),
    "scope": Told(
        "not an address of this newspaper, says its card",
        "Nothing to do, unless articles are among them: see `hosts`, `include` and `exclude` in the card.",
    ),
    "private_address": Told(
        "its host has no public address", "If that is meant, write `allow_private: true` into the card."
    ),
    "port": Told("its port belongs to another protocol than the web's", NOTHING),
    "trap": Told("one of endless addresses, such as a calendar's", NOTHING),
    "too_old": Told(
        "dated before the nights that the card asks for", "Raise `recent_days` in the card to get older ones."
    ),
    "scheme": Told("neither http nor https", NOTHING),
    "redirects": Told("too many redirects in a row", "Open it in a browser: the site may be broken."),
    "not_due": Told("the archive has it, and looks at it again later", NOTHING),
    "other_night": Told("of another night than the backfill asks for", NOTHING),
    "budget": Told(
        "the time or the number of pages of this crawl was used up",
        f"{AGAIN} If it happens every night, raise `nightly_budget` in the card.",
    ),
    "host_busy": Told("another crawl was asking this host", AGAIN),
    "host_blocked": Told("the host refused, or gave no answer, too often", AGAIN),
    "duplicate": Told("the same page as another address", NOTHING),
    "dropped": Told("the spider's own code kept the request back", "See its middlewares, if that is not meant."),
    "closed": Told("the spider ended before it was asked for", "See the spider, if that is not meant."),
}
_STATUSES = {
    401: Told("the site says 401: only with a login", "It stays so, unless its publisher lets us in."),
    403: Told(
        "the site says 403 to our User-Agent", "Ask its publisher to let us in; HEMEROTECA_CONTACT says who we are."
    ),
    404: Told("the site says 404: there is no such page", NOTHING),
    410: Told("the site says 410: the page was taken down", NOTHING),
    429: Told("the site says 429: too many requests", f"{AGAIN} Raise `delay_seconds` in the card if it goes on."),
    451: Told("the site says 451: not for legal reasons", "Nothing to do from here: another country may be let in."),
}


def tell_reason(reason: str) -> Told:
    """Return what *reason* means, which may be ``http_NNN``."""
    if reason in _REASONS:
        return _REASONS[reason]
    number = reason.removeprefix("http_")
    if not number.isdigit():
        return Told(reason, NOTHING)
    status = int(number)
    if status in _STATUSES:
        return _STATUSES[status]
    phrase = next((one.phrase.lower() for one in HTTPStatus if one.value == status), "no usual answer")
    return Told(f"the site says {status}: {phrase}", AGAIN if is_passing(reason) else NOTHING)
