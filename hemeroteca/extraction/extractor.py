"""Which extractor makes our documents: everything that decides its output, and the name that follows from it."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version

from storage.model.document import Extractor

MAX_PAYLOAD_BYTES = 20_000_000  # trafilatura's own limit
HTML = frozenset({"text/html", "application/xhtml+xml"})

OPTIONS = {"include_comments": False, "include_tables": True, "favor_precision": False, "deduplicate": False}
"""What trafilatura is told. Its ``deduplicate`` remembers other pages of the process: a page would not stand alone."""

CODE_VERSION = 4
"""Raised with every change of this package that may change a document; a test holds the output to it."""

LIBRARIES = ("courlan", "justext", "lxml", "numpy", "py3langid")
"""What trafilatura leaves to others, and what else reads pages."""


def settings_digest() -> str:
    """Return the SHA-256 (hex) over everything that decides what a page becomes."""
    decisive = {
        "options": OPTIONS,
        "max_payload_bytes": MAX_PAYLOAD_BYTES,
        "code": CODE_VERSION,
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


EXTRACTOR = Extractor(name="trafilatura", version=version("trafilatura"), settings_digest=settings_digest())
