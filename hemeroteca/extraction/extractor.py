"""Which extractor makes our documents: everything that decides its output, and the name that follows from it."""

from __future__ import annotations

import functools
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from storage.model.document import Extractor
from storage.model.source import TextOverrides

MAX_PAGE_BYTES = 20_000_000  # trafilatura's own limit
HTML_MEDIA_TYPES = frozenset({"text/html", "application/xhtml+xml"})

TRAFILATURA_OPTIONS = {
    "fast": True,
    "include_comments": False,
    "include_tables": True,
    "favor_precision": False,
    "deduplicate": False,
}
"""What trafilatura is told. Its ``deduplicate`` remembers other pages of the process: a page would not stand alone."""

CODE_VERSION = 8
"""Raised with every change of this package that may change a document; a test holds the output to it."""

MODEL_FILE = Path(__file__).with_name("blocks.npz")
"""What the choice of blocks was learned into (``model.py``)."""

LIBRARIES = ("courlan", "justext", "lxml", "numpy", "py3langid", "resiliparse")
"""What trafilatura leaves to others, and what else reads pages."""


@functools.cache
def digest_model() -> str:
    """Return the SHA-256 (hex) of the file that the models are in; of nothing while the first is being made."""
    return hashlib.sha256(MODEL_FILE.read_bytes() if MODEL_FILE.exists() else b"").hexdigest()


def digest_settings() -> str:
    """Return the SHA-256 (hex) over everything that decides what a page becomes."""
    decisive = {
        "options": TRAFILATURA_OPTIONS,
        "max_payload_bytes": MAX_PAGE_BYTES,
        "code": CODE_VERSION,
        "model": digest_model(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


EXTRACTOR = Extractor(name="trafilatura", version=version("trafilatura"), settings_digest=digest_settings())


def identify_extractor(overrides: TextOverrides, memory_digest: str | None = None) -> Extractor:
    """Return what makes documents with *overrides* and a site memory: ``EXTRACTOR`` itself where there are neither."""
    if overrides == TextOverrides() and memory_digest is None:
        return EXTRACTOR
    decisive = {
        "settings": EXTRACTOR.settings_digest,
        "overrides": overrides.model_dump(mode="json"),
        "site_memory": memory_digest,
    }
    digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
    return EXTRACTOR.replace(settings_digest=digest, base_digest=EXTRACTOR.settings_digest)
