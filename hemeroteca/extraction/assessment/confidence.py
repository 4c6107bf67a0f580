"""The confidence in a text, calibrated: of texts with 0.9, nine in ten have an F1 of at least 0.8."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from hemeroteca.extraction.block_choice.choice import Choice
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.two_stage_model import measure_certainty

_WEIGHTS = {"certainty": 8.28, "resiliparse": 1.3, "share": 0.6, "length": -0.035}
_BIAS = -5.0
"""Of a logistic regression, fitted on the out-of-fold texts of the shared pages; docs/extraction.md has its curve."""

MOST_OF_DISPUTED = 0.5


class ConfidenceFeatures(NamedTuple):
    """What confidence is computed from. Each is 0 to 1, but ``length`` is the logarithm of the characters."""

    certainty: float
    resiliparse: float
    share: float
    length: float


def estimate_confidence(choice: Choice) -> float:
    """Return how likely it is that the text is right, 0 to 1."""
    features = measure_confidence_features(choice)
    logit = _BIAS + sum(_WEIGHTS[name] * value for name, value in features._asdict().items())
    confidence = round(1 / (1 + math.exp(-logit)), 4)
    return min(confidence, MOST_OF_DISPUTED) if choice.disputed else confidence


def measure_confidence_features(choice: Choice) -> ConfidenceFeatures:
    table, scores = choice.selection.table, choice.selection.scores
    chars, kept = table.columns["chars"], choice.selection.kept.astype(np.float64)
    return ConfidenceFeatures(
        certainty=measure_certainty(table, scores),
        resiliparse=_measure_agreement(chars, kept, table.columns["resiliparse"]),
        share=float((chars * kept).sum() / chars.sum()),
        length=math.log1p(float((chars * kept).sum())),
    )


def _measure_agreement(chars: Floats, one: Floats, other: Floats) -> float:
    """Return which share of the characters that either takes are taken by both."""
    either = float((chars * np.maximum(one, other)).sum())
    return float((chars * np.minimum(one, other)).sum()) / either if either else 0.0
