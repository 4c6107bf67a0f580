"""What a response says of itself: how it may be used, which address it calls its own, what kind of page it is."""

from __future__ import annotations

from storage.model.base import StoredRecord

REFRESH = "refresh: "
"""How the evidence for the flag ``refresh`` begins, before the address that the page leads on to."""


class Signals(StoredRecord):
    """The publisher's word on the use of a response, where one was given."""

    robots_header: str | None = None
    """The header X-Robots-Tag; several are joined by ``, ``."""
    robots_meta: str | None = None
    """``<meta name="robots">`` of the page; several are joined by ``, ``."""
    tdm_reservation: bool | None = None
    """Whether text and data mining is reserved (TDMRep, W3C 2024): as the page says, else the header, else
    ``/.well-known/tdmrep.json``.
    """
    tdm_policy: str | None = None
    """Address of the policy that goes with it."""
    content_signal: str | None = None
    """The header Content-Signal, else that of robots.txt."""


class PageFacts(Signals):
    """What a response says of itself, for the ledger and the index."""

    canonical: str | None = None
    """The page's ``<link rel="canonical">``, absolute: recorded, never followed in place of the URL."""
    amphtml: str | None = None
    """The page's ``<link rel="amphtml">``, absolute: likewise."""
    flags: tuple[str, ...] = ()
    """What the page turned out to be, and what is wrong with what came."""
    evidence: tuple[str, ...] = ()
    """Why each flag was set, a line each that begins with it: ``paywall: json-ld isAccessibleForFree=false``."""

    @property
    def refresh(self) -> str | None:
        """The address, absolute, that the page leads on to by itself."""
        return next((line.removeprefix(REFRESH) for line in self.evidence if line.startswith(REFRESH)), None)
