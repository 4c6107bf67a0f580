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
from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Rule
from hemeroteca.extraction.block_choice.choice import MeasuredPage, apply_rules, correct, measure_page
from hemeroteca.extraction.block_choice.rules import RULES
from hemeroteca.extraction.block_model.two_stage_model import predict_first_stage, read_model
from hemeroteca.extraction.page.markup import read_markup
from hemeroteca.extraction.page.tree import parse_page

Floats = NDArray[np.float64]


class Case(NamedTuple):
    """A page with gold text, and the scores of the model's two stages, out of fold."""

    set: str
    gold: str
    page: MeasuredPage
    first: Floats
    second: Floats


def main() -> None:
    cases = read_cases()
    print(f"{'':<38} {'news F1':>8} {'exact':>6} {'blogs F1':>8} {'exact':>6}")
    _print("trafilatura's fast mode alone", cases, lambda case: case.page.witnesses.trafilatura)
    _print("the blocks that it takes", cases, _own_text)
    _print("corrected by the first stage", cases, lambda case: _text(case, case.first, ()))
    _print("by both stages", cases, lambda case: _text(case, case.second, ()))
    _print("by both stages and the rules", cases, lambda case: _text(case, case.second, RULES))
    _print("where a witness agrees", cases, _settled_text)
    for rule in RULES:
        _print_without(rule, cases)


def _print_without(rule: Rule, cases: list[Case]) -> None:
    others = tuple(one for one in RULES if one is not rule)
    _print(f"without {rule.__name__}", cases, lambda case: _text(case, case.second, others))


def read_cases() -> list[Case]:
    cases = []
    for gold in read_gold_pages():
        if gold.text is None or gold.set == "wcxb_other":
            continue
        page = parse_page(gold.page)
        measured = measure_page(page, read_markup(page.tree, page.url))
        assert measured is not None
        model = read_model(gold.fold)
        first = predict_first_stage(model.first, measured.table)
        cases.append(Case(gold.set, gold.text, measured, first, model.score(measured.table)))
    return cases


def _own_text(case: Case) -> str:
    return _text(case, case.page.own.find_blocks(case.page.table).astype(np.float64), ())


def _settled_text(case: Case) -> str:
    selection = case.page.select(case.second)
    correct(selection, case.page.own, case.page.is_list)
    return _join(selection)


def _text(case: Case, scores: Floats, rules: tuple[Rule, ...]) -> str:
    selection = case.page.select(scores)
    apply_rules(selection, rules)
    return _join(selection)


def _join(selection: BlockSelection) -> str:
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
