"""MinHash signatures of texts (Broder 1997): the more three-word sequences two texts share, the more numbers are equal.

A signature is 128 numbers of 32 bits, 8 hex digits each. For locality-sensitive hashing, 24 digits are a band of three.
"""

from __future__ import annotations

import hashlib
import re

import numpy as np

from hemeroteca.extraction.page.word_separator import WordSeparator

NUMBERS = 128
SHINGLE_WORDS = 3

_SEPARATOR = WordSeparator(re.compile(r"\w").match)
_ROWS = 256  # shingles at a time, so that the array stays in the processor's cache


def _constants(name: str) -> np.ndarray:
    digests = (hashlib.sha256(f"{name} {number}".encode()).digest()[:8] for number in range(NUMBERS))
    return np.array([int.from_bytes(digest, "big") for digest in digests], dtype=np.uint64)


_FACTORS, _TERMS = _constants("factor") | np.uint64(1), _constants("term")


def compute_minhash(text: str) -> str | None:
    """Return the signature of *text*, None for fewer than three words. It is the same on every machine and release."""
    words = _SEPARATOR.blank(text.lower()).split()
    shingles = set(map(" ".join, zip(*(words[start:] for start in range(SHINGLE_WORDS)), strict=False)))
    if not shingles:
        return None
    digests = b"".join(hashlib.blake2b(shingle.encode(), digest_size=8).digest() for shingle in shingles)
    hashed = np.frombuffer(digests, dtype=">u8").astype(np.uint64)
    least = np.full(NUMBERS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(hashed), _ROWS):
        rows = hashed[start : start + _ROWS, None] * _FACTORS  # modulo 2**64: multiply, add, shift
        rows += _TERMS
        least = np.minimum(least, rows.min(axis=0))
    return "".join(f"{number >> 32:08x}" for number in least.tolist())
