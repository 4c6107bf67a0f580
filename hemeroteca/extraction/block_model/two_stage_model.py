"""The models of blocks: two looks of boosted trees each, for all pages and for each fifth of the hosts without it.

One reads a page alone, the other with what trafilatura takes of it. ``blocks.npz`` holds the arrays as
``{alone|asked}/{fold}/{look}/{array}``, where fold is ``all`` or 0 to 4, and the columns' names.
"""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_features import FeatureTable, find_plausible_blocks
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.boosted_trees import BoostedTrees
from hemeroteca.extraction.block_model.second_stage import measure_context
from hemeroteca.extraction.extractor import MODEL_FILE

_LOOKS = ("first", "second")
_MAY_BE = 0.03
_FAR = "nobody takes it for text, nor what stands around it"


class TwoStageModel(NamedTuple):
    """Two forests; ``names`` are the first one's columns, in order."""

    names: tuple[str, ...]
    first: BoostedTrees
    second: BoostedTrees

    def judge(self, table: FeatureTable) -> Floats:
        """Return for each block of *table* how likely it is text, 0 to 1."""
        seen = self._seen(table)
        scores = np.zeros(len(seen))
        scores[seen] = self.second.predict(self._again(table).rows[seen])
        return scores

    def reasons(self, table: FeatureTable, most: int = 3) -> list[tuple[str, ...]]:
        """Return for each block the columns that moved the second look most, as ``+kin_mean_first=0.98``."""
        seen = self._seen(table)
        again = self._again(table)
        pushed = self.second.push(again.rows)
        names = tuple(again.columns)
        said = []
        for place in range(len(seen)):
            order = np.argsort(-np.abs(pushed[place]), kind="stable")[:most]
            moved = ((names[one], again.rows[place, one], pushed[place, one]) for one in order)
            said.append(tuple(f"{'+' if push > 0 else '-'}{name}={value:.3g}" for name, value, push in moved))
        return [one if near else (_FAR,) for one, near in zip(said, seen, strict=True)]

    def _seen(self, table: FeatureTable) -> NDArray[np.bool_]:
        if tuple(table.columns) != self.names:
            raise ValueError("blocks.npz: made for other columns; make train-blocks")
        return find_plausible_blocks(table)

    def _again(self, table: FeatureTable) -> FeatureTable:
        return measure_context(table, predict_first_stage(self.first, table))


def predict_first_stage(forest: BoostedTrees, table: FeatureTable) -> Floats:
    """Return what *forest* thinks of each block that is worth a look; the others are not text."""
    seen = find_plausible_blocks(table)
    first = np.zeros(len(seen))
    first[seen] = forest.predict(table.rows[seen])
    return first


def measure_certainty(table: FeatureTable, scores: Floats) -> float:
    """Return how sure *scores* are of the page's text, 0 to 1: of what is likely to be it, by characters."""
    weights = table.columns["chars"] * (scores > _MAY_BE)
    return float((np.abs(2 * scores - 1) * weights).sum() / weights.sum()) if weights.any() else 0.0


@functools.cache
def read_model(fold: int | None = None, asked: bool = False) -> TwoStageModel:
    """Return the model of all pages, or the one that never saw a host of *fold*; *asked*: the one with trafilatura."""
    place = _place(fold, asked)
    with np.load(MODEL_FILE) as arrays:
        names = tuple(json.loads(str(arrays[f"{place}/names"])))
        first, second = (
            BoostedTrees(*(arrays[f"{place}/{look}/{field}"] for field in BoostedTrees._fields)) for look in _LOOKS
        )
    return TwoStageModel(names, first, second)


def write_models(file: Path, models: dict[tuple[int | None, bool], TwoStageModel]) -> None:
    """Write *models* by the fold that each never saw and whether trafilatura is asked; the same give the same bytes."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for (fold, asked), looks in models.items():
        place = _place(fold, asked)
        arrays[f"{place}/names"] = np.array(json.dumps(looks.names))
        for look, forest in zip(_LOOKS, (looks.first, looks.second), strict=True):
            arrays |= {f"{place}/{look}/{field}": array for field, array in forest._asdict().items()}
    with file.open("wb") as opened:
        np.savez_compressed(opened, **arrays)  # type: ignore[arg-type]  # every array is an array


def _place(fold: int | None, asked: bool) -> str:
    return f"{'asked' if asked else 'alone'}/{'all' if fold is None else fold}"
