"""The model that scores blocks, in two stages of boosted trees: for all pages, and per fold without its hosts.

``blocks.npz`` holds the arrays as ``{fold}/{first|second}/{array}``, where fold is ``all`` or 0 to 4, and the names of
the columns.
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

_STAGES = ("first", "second")
_POSSIBLE_TEXT = 0.03
_NOT_SCORED = "neither this block nor those around it were taken as text"


class TwoStageModel(NamedTuple):
    """The trees of both stages. ``names`` are the columns of the first, in order."""

    names: tuple[str, ...]
    first: BoostedTrees
    second: BoostedTrees

    def score(self, table: FeatureTable) -> Floats:
        """Return for each block of *table* how likely it is text, 0 to 1."""
        plausible = self._find_plausible(table)
        scores = np.zeros(len(plausible))
        scores[plausible] = self.second.predict(self._measure_second(table).rows[plausible])
        return scores

    def explain_scores(self, table: FeatureTable, most: int = 3) -> list[tuple[str, ...]]:
        """Return for each block the columns that contributed most to its score, as ``+kin_mean_first=0.98``."""
        plausible = self._find_plausible(table)
        second = self._measure_second(table)
        names, rows = tuple(second.columns), second.rows
        contributions = self.second.measure_contributions(rows)
        reasons = []
        for index, scored in enumerate(plausible):
            of_block = contributions[index]
            columns = np.argsort(-np.abs(of_block), kind="stable")[:most]
            named = (f"{'+' if of_block[one] > 0 else '-'}{names[one]}={rows[index, one]:.3g}" for one in columns)
            reasons.append(tuple(named) if scored else (_NOT_SCORED,))
        return reasons

    def _find_plausible(self, table: FeatureTable) -> NDArray[np.bool_]:
        if tuple(table.columns) != self.names:
            raise ValueError("blocks.npz: made for other columns; make train-blocks")
        return find_plausible_blocks(table)

    def _measure_second(self, table: FeatureTable) -> FeatureTable:
        return measure_context(table, predict_first_stage(self.first, table))


def predict_first_stage(trees: BoostedTrees, table: FeatureTable) -> Floats:
    """Return the probability that *trees* give each plausible block; 0 for the others."""
    plausible = find_plausible_blocks(table)
    scores = np.zeros(len(plausible))
    scores[plausible] = trees.predict(table.rows[plausible])
    return scores


def measure_certainty(table: FeatureTable, scores: Floats) -> float:
    """Return how sure *scores* are, 0 to 1, over the characters of the blocks that may be text."""
    weights = table.columns["chars"] * (scores > _POSSIBLE_TEXT)
    return float((np.abs(2 * scores - 1) * weights).sum() / weights.sum()) if weights.any() else 0.0


@functools.cache
def read_model(fold: int | None = None) -> TwoStageModel:
    """Return the model trained on all pages, or the one that never saw a host of *fold*."""
    prefix = _name_model(fold)
    with np.load(MODEL_FILE) as arrays:
        names = tuple(json.loads(str(arrays[f"{prefix}/names"])))
        first, second = (
            BoostedTrees(*(arrays[f"{prefix}/{stage}/{field}"] for field in BoostedTrees._fields)) for stage in _STAGES
        )
    return TwoStageModel(names, first, second)


def write_models(file: Path, models: dict[int | None, TwoStageModel]) -> None:
    """Write *models*, by the fold that each never saw. Equal models give equal bytes."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for fold, model in models.items():
        prefix = _name_model(fold)
        arrays[f"{prefix}/names"] = np.array(json.dumps(model.names))
        for stage, trees in zip(_STAGES, (model.first, model.second), strict=True):
            arrays |= {f"{prefix}/{stage}/{field}": array for field, array in trees._asdict().items()}
    with file.open("wb") as opened:
        np.savez_compressed(opened, **arrays)  # type: ignore[arg-type]  # every array is an array


def _name_model(fold: int | None) -> str:
    return "all" if fold is None else str(fold)
