"""A page's blocks and which of them are kept, as the rules see and change them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_features import FeatureTable
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.witnesses import Witnesses
from hemeroteca.extraction.page.blocks import Block, ElementContext, Layout

PARAGRAPH_CHARS = 80
"""A block with as many, and a full stop at its end, is a paragraph."""

HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
HEADINGS_AND_CELLS = HEADINGS | {"td", "th", "dt", "dd"}

_SURE_TEXT = 0.95
_SURE_NO_TEXT = 0.05


class BlockSelection(NamedTuple):
    """A page's blocks, and which of them are kept so far. ``scores`` and ``kept`` have one entry a block."""

    layout: Layout
    table: FeatureTable
    witnesses: Witnesses
    scores: NDArray[np.float64]
    kept: NDArray[np.bool_]

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self.layout.blocks

    @property
    def extractor_shares(self) -> Floats:
        """The share of each block that trafilatura takes."""
        return self.table.columns["trafilatura"]

    @property
    def paragraphs(self) -> NDArray[np.int64]:
        """The kept blocks that read like paragraphs."""
        columns = self.table.columns
        return np.flatnonzero(
            self.kept & (columns["chars"] >= PARAGRAPH_CHARS) & (columns["ends"] > 0) & (columns["link_density"] < 0.5)
        )

    @property
    def doubtful(self) -> NDArray[np.bool_]:
        """The kept blocks that a rule may drop without a witness: not those that the model and trafilatura agree on."""
        return self.kept & ~((self.scores > _SURE_TEXT) & (self.extractor_shares > 0.5))

    @property
    def possible(self) -> NDArray[np.bool_]:
        """The blocks left out that a rule may keep without a witness: the model or an extractor finds them likely."""
        columns = self.table.columns
        taken = (self.extractor_shares > 0.5) | (columns["resiliparse"] > 0.5) | (columns["json_ld"] > 0.5)
        return ~self.kept & (taken | (self.scores > _SURE_NO_TEXT))

    def measure_share(self, indices: NDArray[np.int64] | list[int]) -> float:
        """Return which share of the kept letters the blocks *indices* have."""
        chars = self.table.columns["chars"]
        return float(chars[indices].sum() / max(chars[self.kept].sum(), 1.0))


Decision = tuple[int, bool, str]
"""A block's index, whether to keep it, and why."""
Rule = Callable[[BlockSelection], Iterator[Decision]]


def list_contexts(block: Block, most: int = 64) -> Iterator[ElementContext]:
    """Yield the element of *block* and the *most* - 1 around it, the innermost first, without the page's outermost."""
    context: ElementContext | None = block.context
    while context is not None and context.parent is not None and most:
        yield context
        context, most = context.parent, most - 1
