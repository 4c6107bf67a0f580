"""What each step of the choice is worth: out-of-fold scores without it, printed as the rows of docs/extraction.md."""

from __future__ import annotations

import statistics
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from benchmarks.extraction.pages import NEWS, gold_pages
from benchmarks.extraction.reliability import agg, match
from hemeroteca.extraction.article import text_lines
from hemeroteca.extraction.blocks import Layout, read_layout
from hemeroteca.extraction.choice import KEEP_AT, apply_rules
from hemeroteca.extraction.features import Table, describe
from hemeroteca.extraction.metadata.markup import read_markup
from hemeroteca.extraction.model import first_look, read_model
from hemeroteca.extraction.opinions import Opinions, hear
from hemeroteca.extraction.rules import RULES, Draft, Rule
from hemeroteca.extraction.tree import parse_page

Floats = NDArray[np.float64]


class Case(NamedTuple):
    """A page with gold text, and what the model of its fold says of it."""

    set: str
    gold: str
    layout: Layout
    table: Table
    opinions: Opinions
    first: Floats
    second: Floats


def main() -> None:
    cases = read_cases()
    print(f"{'':<38} {'news F1':>8} {'exact':>6} {'blogs F1':>8}")
    _print("trafilatura alone", cases, lambda case: case.opinions.trafilatura)
    _print("blocks that trafilatura takes", cases, lambda case: _text(case, case.table.columns["trafilatura"], ()))
    _print("first look", cases, lambda case: _text(case, case.first, ()))
    _print("both looks", cases, lambda case: _text(case, case.second, ()))
    _print("both looks and the rules", cases, lambda case: _text(case, case.second, RULES))
    for rule in RULES:
        others = tuple(one for one in RULES if one is not rule)
        name = f"without {rule.__name__}"
        _print(name, cases, lambda case, others=others: _text(case, case.second, others))  # type: ignore[misc]


def read_cases() -> list[Case]:
    cases = []
    for gold in gold_pages():
        if gold.text is None or gold.set == "wcxb_other":
            continue
        page = parse_page(gold.page)
        opinions = hear(page, read_markup(page.tree, page.url))
        layout = read_layout(page.tree)
        table = describe(layout, opinions)
        looks = read_model(gold.fold)
        scores = first_look(looks.first, table), looks.judge(table)
        cases.append(Case(gold.set, gold.text, layout, table, opinions, *scores))
    return cases


def _text(case: Case, scores: Floats, rules: tuple[Rule, ...]) -> str:
    draft = Draft(case.layout, case.table, case.opinions, scores, scores > KEEP_AT)
    apply_rules(draft, rules)
    return "\n".join(text_lines([block for block, kept in zip(draft.blocks, draft.kept, strict=True) if kept]))


def _print(name: str, cases: list[Case], text_of: Callable[[Case], str]) -> None:
    found = [(case.set in NEWS, match(case.gold, text_of(case))) for case in cases]
    news, blogs = ([scores for is_news, scores in found if is_news is wanted] for wanted in (True, False))
    exact = statistics.fmean(fp == fn == 0 for _, fp, fn in news)
    print(f"{name:<38} {agg(news)['f1']:8.4f} {exact:6.3f} {agg(blogs)['f1']:8.4f}", flush=True)


if __name__ == "__main__":
    main()
