"""The fold of a host for cross-validation: one of five, whose model has never seen a page of the fold's hosts."""

from __future__ import annotations

import hashlib
from urllib.parse import urlsplit

from courlan import extract_domain

FOLDS = 5


def find_fold(host: str) -> int:
    """Return the fold (0 to 4) of *host*, by its registrable domain: ``de.example.com`` has that of ``example.com``.

    >>> fold_of("www.example.com") == fold_of("example.com")
    True
    """
    return int(hashlib.sha256(find_domain(host).encode()).hexdigest(), 16) % FOLDS


def find_domain(host: str) -> str:
    """Return the registrable domain of *host*, or *host* itself where it has none."""
    bare = host.strip().lower().rstrip(".")
    return extract_domain(f"http://{bare}/") or bare.removeprefix("www.")


def find_fold_of_url(url: str) -> int:
    """Return the fold of a page's host."""
    try:
        return find_fold(urlsplit(url).hostname or "")
    except ValueError:
        return find_fold("")
