"""What a response says about itself: how it may be used, its own address, and what kind of page it is."""

from __future__ import annotations

from storage.model.base import StoredRecord

REFRESH = "refresh: "
"""How the evidence for the flag ``refresh`` begins, before the address that the page redirects to."""


class Signals(StoredRecord):
    """What the publisher says about the use of a response, if anything."""

    robots_header: str | None = None
    """The header X-Robots-Tag; several are joined by ``, ``."""
    robots_meta: str | None = None
    """The page's ``<meta name="robots">``; several are joined by ``, ``."""
    tdm_reservation: bool | None = None
    """Whether text and data mining is reserved (TDMRep, W3C 2024), according to the page, or else the header, or else
    ``/.well-known/tdmrep.json``.
    """
    tdm_policy: str | None = None
    """Address of the policy for text and data mining."""
    content_signal: str | None = None
    """The header Content-Signal, or else that of robots.txt."""


class PageFacts(Signals):
    """What a response says about itself, for the ledger and the index."""

    canonical: str | None = None
    """The page's ``<link rel="canonical">``, as an absolute URL: recorded, never fetched in place of the URL."""
    amphtml: str | None = None
    """The page's ``<link rel="amphtml">``, as an absolute URL: recorded, never fetched in place of the URL."""
    flags: tuple[str, ...] = ()
    """What kind of page it turned out to be, and what is wrong with the response."""
    evidence: tuple[str, ...] = ()
    """Why each flag was set, one line each that begins with it: ``paywall: json-ld isAccessibleForFree=false``."""

    @property
    def refresh(self) -> str | None:
        """The absolute address that the page itself redirects to."""
        return next((line.removeprefix(REFRESH) for line in self.evidence if line.startswith(REFRESH)), None)
