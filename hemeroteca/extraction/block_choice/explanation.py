"""Why each block of a page is in its text or not. Imports no extractor."""

from __future__ import annotations

from typing import NamedTuple


class BlockExplanation(NamedTuple):
    """A block, its CSS path, whether it is kept, and why.

    ``in_trafilatura`` says whether it is in trafilatura's text, ``score`` (0 to 1) what the model gives it.
    """

    text: str
    path: str
    kept: bool
    in_trafilatura: bool
    score: float
    reasons: tuple[str, ...]


class Explanation(NamedTuple):
    """Every block of a page in page order, and whether trafilatura's text stands against its correction."""

    disputed: bool
    blocks: list[BlockExplanation]
