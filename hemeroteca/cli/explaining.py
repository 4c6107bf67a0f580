"""Why a text is what it is: the blocks of its page, as a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hemeroteca.extraction.text.choice import Explanation

_ASKED = {True: "trafilatura was asked: the model alone was in doubt", False: "trafilatura was not asked"}


def print_explanation(explanation: Explanation) -> None:
    """Print whether trafilatura was asked, and each block: kept or dropped, its score, why, its place, and its text."""
    print(_ASKED[explanation.asked])
    for one in explanation.blocks:
        print(f"{'kept   ' if one.kept else 'dropped'} {one.score:.2f}  {'; '.join(one.reasons)}  [{one.path}]")
        print(f"        {one.text}")
