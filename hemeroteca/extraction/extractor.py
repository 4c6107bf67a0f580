"""The identity of the extractor: a digest over everything that decides its output."""

from __future__ import annotations

import functools
import hashlib
import json
from importlib.metadata import version
from pathlib import Path

from storage.model.document import Extractor
from storage.model.source import ItemFields, TextOverrides

MAX_PAGE_BYTES = 20_000_000  # trafilatura's own limit
HTML_MEDIA_TYPES = frozenset({"text/html", "application/xhtml+xml"})

TRAFILATURA_OPTIONS = {
    "fast": True,
    "include_comments": False,
    "include_tables": True,
    "favor_precision": False,
    "deduplicate": False,
}
"""``deduplicate`` stays off: it would make a page depend on the pages before it in the process. ``fast`` is off for
pages where the extractors disagree (``block_model/witnesses.py``).
"""

CODE_VERSION = 11
"""Raised with each change of this package that may change a document; a test compares the output."""

MODEL_FILE = Path(__file__).with_name("blocks.npz")
"""The trained models of blocks (``block_model/two_stage_model.py``)."""

LIBRARIES = ("courlan", "justext", "lxml", "numpy", "py3langid", "resiliparse")
"""The libraries beside trafilatura that a document depends on."""


@functools.cache
def digest_model() -> str:
    """Return the SHA-256 (hex) of the file with the models, or of no bytes while there is no file yet."""
    return hashlib.sha256(MODEL_FILE.read_bytes() if MODEL_FILE.exists() else b"").hexdigest()


def digest_settings() -> str:
    """Return the SHA-256 (hex) over everything that decides a document."""
    decisive = {
        "options": TRAFILATURA_OPTIONS,
        "max_payload_bytes": MAX_PAGE_BYTES,
        "code": CODE_VERSION,
        "model": digest_model(),
        "libraries": {name: version(name) for name in LIBRARIES},
    }
    return hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()


EXTRACTOR = Extractor(name="trafilatura", version=version("trafilatura"), settings_digest=digest_settings())


def identify_extractor(
    overrides: TextOverrides, memory_digest: str | None = None, item_fields: ItemFields | None = None
) -> Extractor:
    """Return the extractor with *overrides*, a site memory and fields of items; ``EXTRACTOR`` itself without any."""
    of_items = {} if item_fields in (None, ItemFields()) else {"item_fields": item_fields.model_dump(mode="json")}
    if overrides == TextOverrides() and memory_digest is None and not of_items:
        return EXTRACTOR
    decisive = of_items | {
        "settings": EXTRACTOR.settings_digest,
        "overrides": overrides.model_dump(mode="json"),
        "site_memory": memory_digest,
    }
    digest = hashlib.sha256(json.dumps(decisive, sort_keys=True).encode()).hexdigest()
    return EXTRACTOR.replace(settings_digest=digest, base_digest=EXTRACTOR.settings_digest)
