"""Why a text is what it is: the blocks of its page, as a person reads them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hemeroteca.extraction.choice import BlockVerdict


def print_verdicts(verdicts: Iterable[BlockVerdict]) -> None:
    """Print every block of a page: kept or dropped, its score, why, where it stands, and its text."""
    for one in verdicts:
        print(f"{'kept   ' if one.kept else 'dropped'} {one.score:.2f}  {'; '.join(one.reasons)}  [{one.path}]")
        print(f"        {one.text}")
