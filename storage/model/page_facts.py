"""What a response says of itself: how it may be used, which address it calls its own, what kind of page it is."""

from __future__ import annotations

from storage.model.base import StoredRecord


class Signals(StoredRecord):
    """The publisher's word on the use of a response, where one was given.

    ``robots_header`` and ``robots_meta`` are X-Robots-Tag and ``<meta name="robots">``, several joined by ``, ``.
    ``tdm_reservation`` and ``tdm_policy`` are TDMRep's (W3C, 2024): of the page, else the header, else
    ``/.well-known/tdmrep.json``. ``content_signal`` is the header Content-Signal, else that of robots.txt.
    """

    robots_header: str | None = None
    robots_meta: str | None = None
    tdm_reservation: bool | None = None
    tdm_policy: str | None = None
    content_signal: str | None = None


class PageFacts(Signals):
    """``canonical`` and ``amphtml`` are the links of these names, absolute: recorded, never followed in place of the
    URL. ``evidence`` has a line for each of ``flags``, and begins with it: ``paywall: json-ld
    isAccessibleForFree=false``.
    """

    canonical: str | None = None
    amphtml: str | None = None
    flags: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
