"""How sure we are of a text, calibrated: of texts with 0.9, nine in ten have an F1 of at least 0.8."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hemeroteca.extraction.block_choice.choice import Choice
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.two_stage_model import measure_certainty

_WEIGHTS = {"certainty": 8.28, "resiliparse": 1.3, "share": 0.6, "length": -0.035}
_BIAS = -5.0
"""A logistic regression on the out-of-fold texts of the shared pages; docs/extraction.md has its curve."""


class ConfidenceFeatures(NamedTuple):
    """What confidence is made of: each 0 to 1 but for ``length``, the logarithm of the characters."""

    certainty: float
    resiliparse: float
    share: float
    length: float


def estimate_confidence(choice: Choice) -> float:
    """Return how likely the text is right, 0 to 1."""
    signs = measure_confidence_features(choice)
    said = _BIAS + sum(_WEIGHTS[name] * value for name, value in signs._asdict().items())
    return round(1 / (1 + math.exp(-said)), 4)


def measure_confidence_features(choice: Choice) -> ConfidenceFeatures:
    table, scores = choice.draft.table, choice.draft.scores
    chars, ours = table.columns["chars"], choice.draft.kept.astype(np.float64)
    return ConfidenceFeatures(
        certainty=measure_certainty(table, scores),
        resiliparse=_agreement(chars, ours, table.columns["resiliparse"]),
        share=float((chars * ours).sum() / chars.sum()),
        length=math.log1p(float((chars * ours).sum())),
    )


def _agreement(chars: Floats, one: Floats, other: Floats) -> float:
    """Return how much of what either takes both take, by characters."""
    either = float((chars * np.maximum(one, other)).sum())
    return float((chars * np.minimum(one, other)).sum()) / either if either else 0.0
