"""``make train-blocks``: the training of the block models on the shared pages, bit for bit the same each time.

A model has two stages. The second sees the first's scores of a block's neighbours, and is trained on scores of first
stages that had not seen the page. So each fold has a model whose stages never saw its hosts, neither directly nor
through each other; the archive uses the model trained on all pages.
"""

from __future__ import annotations

import argparse
import itertools
import os
import pickle
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

import lightgbm
import numpy as np
from numpy.typing import NDArray

from benchmarks.extraction.block_labels import label_blocks
from benchmarks.extraction.gold_pages import NEWS, is_free_to_train_on, read_gold_pages
from benchmarks.extraction.lightgbm_export import average_trees, export_trees
from hemeroteca.extraction.block_choice.choice import measure_page
from hemeroteca.extraction.block_model.block_features import (
    FeatureTable,
    find_plausible_blocks,
)
from hemeroteca.extraction.block_model.boosted_trees import LEAVES, BoostedTrees
from hemeroteca.extraction.block_model.host_folds import FOLDS, find_domain
from hemeroteca.extraction.block_model.second_stage import measure_context
from hemeroteca.extraction.block_model.two_stage_model import TwoStageModel, predict_first_stage, write_models
from hemeroteca.extraction.extractor import MODEL_FILE
from hemeroteca.extraction.page.markup import read_markup
from hemeroteca.extraction.page.tree import parse_page

TRAINED_ON = (*NEWS, "wcxb_articles")
NEWS_WEIGHT = 2.0
"""A page of news counts as much as so many of blogs."""

PARAMETERS: dict[str, Any] = {
    "objective": "binary", "num_leaves": LEAVES - 1, "learning_rate": 0.09, "min_data_in_leaf": 40, "max_bin": 63,
    "feature_fraction": 0.4, "bagging_fraction": 0.7, "bagging_freq": 1, "lambda_l2": 5.0,
    "min_sum_hessian_in_leaf": 1.0, "num_threads": 1, "deterministic": True, "force_row_wise": True,
    "verbose": -1,
}  # fmt: skip
ROUNDS = (130, 90)
SEEDS = (7, 8, 9)
"""Each stage is the mean of models with these seeds, which errs less than one model."""


class Example(NamedTuple):
    """A page to train on: the features, labels and weights of its blocks."""

    set: str
    domain: str
    fold: int
    table: FeatureTable
    seen: NDArray[np.bool_]
    """Which blocks the model is to score."""
    labels: NDArray[np.bool_]
    weights: NDArray[np.float64]


def main() -> None:
    parser = argparse.ArgumentParser(description="Make the model of blocks from the shared pages.")
    parser.add_argument("--output", type=Path, default=MODEL_FILE)
    parser.add_argument("--cache", type=Path, help="a file for the features of all pages, made when missing")
    options = parser.parse_args()
    examples = read_cached_examples(options.cache)
    write_models(options.output, dict(_train(examples)))
    print(f"{options.output}: {options.output.stat().st_size} bytes, {len(examples)} pages")


def read_examples() -> list[Example]:
    """Return the pages that may be trained on and have blocks."""
    examples = []
    for gold in read_gold_pages():
        if gold.set not in TRAINED_ON or gold.text is None or not is_free_to_train_on(gold.set):
            continue
        page = parse_page(gold.page)
        markup = read_markup(page.tree, page.url)
        measured = measure_page(page, markup)
        if measured:
            table = measured.table
            labels = label_blocks([block.text for block in measured.layout.blocks], gold.text)
            weights = _weights(table, labels, gold.set)
            seen = find_plausible_blocks(table)
            examples.append(Example(gold.set, find_domain(gold.host), gold.fold, table, seen, labels, weights))
    return examples


def _weights(table: FeatureTable, labels: NDArray[np.bool_], set_name: str) -> NDArray[np.float64]:
    """Return the weight of each block, by the square root of its words: total error and exact pages both count."""
    words = table.columns["words"]
    total = max(float(words[labels].sum()), 30.0)
    return np.sqrt((words + 1) / total) * 3 * (NEWS_WEIGHT if set_name in NEWS else 1.0)


def _train(examples: list[Example]) -> Iterable[tuple[int | None, TwoStageModel]]:
    folds = range(FOLDS)
    names = tuple(examples[0].table.columns)
    left_out = [frozenset(pair) for count in (0, 1, 2) for pair in itertools.combinations(folds, count)]
    first_stages = {out: _fit([one for one in examples if one.fold not in out], ROUNDS[0]) for out in left_out}
    for fold in (None, *folds):
        seen = [one for one in examples if one.fold != fold]
        first_stage_of_each = [
            first_stages[frozenset({one.fold} | ({fold} if fold is not None else set()))] for one in seen
        ]
        again = [_see_first_stage(one, by) for one, by in zip(seen, first_stage_of_each, strict=True)]
        second = _fit(again, ROUNDS[1])
        yield fold, TwoStageModel(names, first_stages[frozenset(() if fold is None else (fold,))], second)


def train_model(examples: list[Example], without_domains: frozenset[str]) -> TwoStageModel:
    """Return a model of *examples* without pages of some domains; its second stage as that of each fold is trained."""
    seen = [one for one in examples if one.domain not in without_domains]
    by_fold = {fold: _fit([one for one in seen if one.fold != fold], ROUNDS[0]) for fold in range(FOLDS)}
    again = [_see_first_stage(one, by_fold[one.fold]) for one in seen]
    return TwoStageModel(tuple(examples[0].table.columns), _fit(seen, ROUNDS[0]), _fit(again, ROUNDS[1]))


def _see_first_stage(one: Example, by: BoostedTrees) -> Example:
    return one._replace(table=measure_context(one.table, predict_first_stage(by, one.table)))


def _fit(examples: list[Example], rounds: int) -> BoostedTrees:
    rows = np.concatenate([one.table.rows[one.seen] for one in examples])
    labels = np.concatenate([one.labels[one.seen] for one in examples])
    weights = np.concatenate([one.weights[one.seen] for one in examples])
    data = lightgbm.Dataset(rows, labels.astype(np.float64), weight=weights, params=PARAMETERS)
    return average_trees([export_trees(lightgbm.train(PARAMETERS | {"seed": seed}, data, rounds)) for seed in SEEDS])


def read_cached_examples(cache: Path | None) -> list[Example]:
    """Return the examples, from *cache* when it exists: for changes of the training alone."""
    if cache is not None and cache.exists():
        found: list[Example] = pickle.loads(cache.read_bytes())
        return found
    examples = read_examples()
    if cache is not None:
        cache.write_bytes(pickle.dumps(examples))
    return examples


if __name__ == "__main__":
    os.environ["OMP_NUM_THREADS"] = "1"
    main()
