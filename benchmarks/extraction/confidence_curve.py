"""The reliability curve of confidence, and how well confidence finds bad texts."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.extraction.gold_pages import EVAL, NEWS, read_gold_pages

GOOD = 0.8
"""The F1 from which on a text counts as right."""

_BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0001)


def print_reliability(texts: Path) -> None:
    """Print the curve of the confidences in *texts* (rows of ``text_scores``), and their AUC for news and for all."""
    rows = {row["id"]: row for row in map(json.loads, texts.read_text().splitlines())}
    scored = [
        (gold.set, float(rows[gold.id].get("confidence") or 0.0), measure_f1(gold.text, rows[gold.id]["text"]))
        for gold in read_gold_pages()
        if gold.text and gold.set != "wcxb_other"
    ]
    said = np.array([confidence for _, confidence, _ in scored])
    good = np.array([f1 >= GOOD for *_, f1 in scored])
    news = np.array([name in NEWS for name, *_ in scored])
    print("\nconfidence     pages  said  of them F1 >= 0.8")
    for low, high in zip(_BINS, _BINS[1:], strict=False):
        chosen = (said >= low) & (said < high)
        if chosen.any():
            means = f"{said[chosen].mean():6.3f} {good[chosen].mean():6.3f}"
            print(f"{low:.2f} to {min(high, 1):.2f} {chosen.sum():6} {means}")
    print(f"RATIO confidence_auc_news {measure_auc(said[news], good[news]):.4f}")
    print(f"RATIO confidence_auc_all {measure_auc(said, good):.4f}")


def measure_auc(said: NDArray[np.float64], good: NDArray[np.bool_]) -> float:
    """Return how often a good text's confidence is above a bad one's; ties count half."""
    above = (said[good][:, None] > said[~good][None, :]).mean()
    return float(above + (said[good][:, None] == said[~good][None, :]).mean() / 2)


def measure_f1(gold: str, text: str) -> float:
    """Return the F1 of one page as ``score.py`` computes it; without a text it is 0."""
    tp, fp, fn = _score.match(gold, text)
    return float(2 * tp / (2 * tp + fp + fn)) if tp else float(fp == fn == 0)


def _load(path: Path) -> Any:
    spec = importlib.util.spec_from_file_location("score", path)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_score = _load(EVAL / "score.py")
match, aggregate = _score.match, _score.agg
