"""The worth of each step of the choice: out-of-fold scores without it, as the rows of docs/extraction.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.extraction.confidence_curve import aggregate, match
from benchmarks.extraction.gold_pages import NEWS, read_gold_pages
from hemeroteca.extraction.article import build_lines
from hemeroteca.extraction.block_choice.choice import KEEP_AT, apply_rules, is_in_doubt
from hemeroteca.extraction.block_choice.rules import RULES, BlockSelection, Rule
from hemeroteca.extraction.block_model.block_features import FeatureTable, add_trafilatura, measure_blocks
from hemeroteca.extraction.block_model.two_stage_model import TwoStageModel, predict_first_stage, read_model
from hemeroteca.extraction.block_model.witnesses import Witnesses, extract_with_trafilatura, read_witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.page.blocks import Layout, read_layout
from hemeroteca.extraction.page.markup import read_markup
from hemeroteca.extraction.page.tree import parse_page

Floats = NDArray[np.float64]


class Model(NamedTuple):
    """The features of a page's blocks for one variant of the model, and the scores of its two stages, out of fold."""

    table: FeatureTable
    first: Floats
    second: Floats


class Case(NamedTuple):
    """A page with gold text, scored without and with trafilatura; ``used`` is the variant that decides."""

    set: str
    gold: str
    layout: Layout
    witnesses: Witnesses
    trafilatura: str
    alone: Model
    with_trafilatura: Model

    @property
    def in_doubt(self) -> bool:
        return is_in_doubt(self.alone.table, self.alone.second)

    @property
    def used(self) -> Model:
        return self.with_trafilatura if self.in_doubt else self.alone


def main() -> None:
    cases = read_cases()
    print(f"{'':<38} {'news F1':>8} {'exact':>6} {'blogs F1':>8} {'exact':>6}")
    _print("trafilatura alone", cases, lambda case: case.trafilatura)
    _print(
        "blocks that trafilatura takes",
        cases,
        lambda case: _text(case, case.with_trafilatura, case.with_trafilatura.table.columns["trafilatura"], ()),
    )
    _print("never asked", cases, lambda case: _text(case, case.alone, case.alone.second, RULES))
    _print("always asked", cases, lambda case: _text(case, case.with_trafilatura, case.with_trafilatura.second, RULES))
    _print("asked in doubt: first stage", cases, lambda case: _text(case, case.used, case.used.first, ()))
    _print("both stages", cases, lambda case: _text(case, case.used, case.used.second, ()))
    _print("both stages and the rules", cases, lambda case: _text(case, case.used, case.used.second, RULES))
    for rule in RULES:
        _print_without(rule, cases)
    for is_news, name in ((True, "news"), (False, "blogs")):
        share = statistics.fmean(case.in_doubt for case in cases if (case.set in NEWS) is is_news)
        print(f"trafilatura is asked about {share:.3f} of {name}")


def _print_without(rule: Rule, cases: list[Case]) -> None:
    others = tuple(one for one in RULES if one is not rule)
    _print(f"without {rule.__name__}", cases, lambda case: _text(case, case.used, case.used.second, others))


def read_cases() -> list[Case]:
    cases = []
    for gold in read_gold_pages():
        if gold.text is None or gold.set == "wcxb_other":
            continue
        page = parse_page(gold.page)
        witnesses = read_witnesses(page, read_markup(page.tree, page.url))
        layout = read_layout(page.tree)
        words = WordIndex([block.text for block in layout.blocks])
        table = measure_blocks(layout, witnesses, words)
        of_trafilatura = extract_with_trafilatura(page.tree)
        alone = _model(table, read_model(gold.fold))
        asked = _model(add_trafilatura(table, words, of_trafilatura), read_model(gold.fold, with_trafilatura=True))
        cases.append(Case(gold.set, gold.text, layout, witnesses, of_trafilatura, alone, asked))
    return cases


def _model(table: FeatureTable, model: TwoStageModel) -> Model:
    return Model(table, predict_first_stage(model.first, table), model.score(table))


def _text(case: Case, model: Model, scores: Floats, rules: tuple[Rule, ...]) -> str:
    selection = BlockSelection(case.layout, model.table, case.witnesses, scores, scores > KEEP_AT)
    apply_rules(selection, rules)
    return "\n".join(build_lines([block for block, kept in zip(selection.blocks, selection.kept, strict=True) if kept]))


def _print(name: str, cases: list[Case], text_of: Callable[[Case], str]) -> None:
    found = [(case.set in NEWS, match(case.gold, text_of(case))) for case in cases]
    news, blogs = ([scores for is_news, scores in found if is_news is wanted] for wanted in (True, False))
    exact, of_blogs = (statistics.fmean(fp == fn == 0 for _, fp, fn in scores) for scores in (news, blogs))
    print(
        f"{name:<38} {aggregate(news)['f1']:8.4f} {exact:6.3f} {aggregate(blogs)['f1']:8.4f} {of_blogs:6.3f}",
        flush=True,
    )


if __name__ == "__main__":
    main()
