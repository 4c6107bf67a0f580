"""The choice of the blocks that are a page's text, by the model's scores and then by rules, and the reason for each.

The model scores a page without trafilatura first. Where it is in doubt, trafilatura is asked, and the model's variant
that knows trafilatura's text scores the page again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from hemeroteca.extraction.block_choice.rules import RULES, BlockSelection, Rule, find_standfirst
from hemeroteca.extraction.block_model.block_features import FeatureTable, add_trafilatura, measure_blocks
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.two_stage_model import measure_certainty, read_model
from hemeroteca.extraction.block_model.witnesses import Witnesses, extract_with_trafilatura, read_witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.page.blocks import Block, Layout, read_layout
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.tree import ParsedPage

KEEP_AT = 0.5
SURE = 0.75
"""trafilatura is asked about pages that the model is less sure of: about one in seven."""

_MIN_SHARE_OF_RESILIPARSE = 0.3
_MAX_PATH_STEPS = 12


class Choice(NamedTuple):
    """The choice for a page; by block, the reason of the rule that decided it, where one did."""

    selection: BlockSelection
    standfirst: int | None
    rule_reasons: dict[int, str]

    @property
    def asked_trafilatura(self) -> bool:
        return "trafilatura" in self.selection.table.columns

    @property
    def kept(self) -> list[Block]:
        return [block for block, kept in zip(self.selection.blocks, self.selection.kept, strict=True) if kept]


class BlockExplanation(NamedTuple):
    """A block, its CSS path, whether it is kept, its score by the model (0 to 1), and the reasons."""

    text: str
    path: str
    kept: bool
    score: float
    reasons: tuple[str, ...]


class Explanation(NamedTuple):
    """Every block of a page in page order, and whether trafilatura was asked."""

    asked_trafilatura: bool
    blocks: list[BlockExplanation]


def choose_blocks(
    parsed: ParsedPage, markup: Markup, fold: int | None = None, more_rules: tuple[Rule, ...] = ()
) -> Choice | None:
    """Return which blocks of a page are its text, None for a page without blocks. *fold* names the model."""
    layout = read_layout(parsed.tree)
    if not layout.blocks:
        return None
    witnesses = read_witnesses(parsed, markup)
    table, scores = score_blocks(layout, witnesses, lambda: extract_with_trafilatura(parsed.tree), fold)
    selection = BlockSelection(layout, table, witnesses, scores, scores > KEEP_AT)
    rule_reasons = apply_rules(selection, (*RULES, *more_rules))
    standfirst = find_standfirst(selection)
    kept = standfirst is not None and bool(selection.kept[standfirst])
    return Choice(selection, standfirst if kept else None, rule_reasons)


def score_blocks(
    layout: Layout, witnesses: Witnesses, trafilatura: Callable[[], str], fold: int | None = None
) -> tuple[FeatureTable, Floats]:
    """Return the features and the score of each block. *trafilatura* is called where the model is in doubt."""
    words = WordIndex([block.text for block in layout.blocks])
    table = measure_blocks(layout, witnesses, words)
    scores = read_model(fold).score(table)
    if not is_in_doubt(table, scores):
        return table, scores
    table = add_trafilatura(table, words, trafilatura())
    return table, read_model(fold, with_trafilatura=True).score(table)


def is_in_doubt(table: FeatureTable, scores: Floats) -> bool:
    """Say whether *scores* are unsure, or keep little of what resiliparse takes."""
    chars = table.columns["chars"]
    kept, by_resiliparse = ((chars * taken).sum() for taken in (scores > KEEP_AT, table.columns["resiliparse"]))
    return measure_certainty(table, scores) < SURE or bool(kept < _MIN_SHARE_OF_RESILIPARSE * by_resiliparse)


def apply_rules(selection: BlockSelection, rules: tuple[Rule, ...]) -> dict[int, str]:
    """Apply *rules* to *selection*, and return the reason for each block that a rule decided."""
    rule_reasons = {}
    for rule in rules:
        for index, keep, reason in list(rule(selection)):
            selection.kept[index] = keep
            rule_reasons[index] = reason
    return rule_reasons


def explain_choice(choice: Choice, fold: int | None = None) -> Explanation:
    selection = choice.selection
    model_reasons = read_model(fold, choice.asked_trafilatura).explain_scores(selection.table)
    blocks = [
        BlockExplanation(
            block.text,
            find_css_path(block),
            bool(selection.kept[index]),
            round(float(selection.scores[index]), 4),
            (f"rule: {choice.rule_reasons[index]}",) if index in choice.rule_reasons else model_reasons[index],
        )
        for index, block in enumerate(selection.blocks)
    ]
    return Explanation(choice.asked_trafilatura, blocks)


def find_css_path(block: Block) -> str:
    """Return the elements around *block* as a CSS path, at most the twelve innermost."""
    steps: list[str] = []
    context = block.context
    while context.parent is not None and context.tag != "body" and len(steps) < _MAX_PATH_STEPS:
        names = "".join(f".{name}" for name in (context.element.get("class") or "").split()[:3])
        steps.append(context.tag + names)
        context = context.parent
    return " > ".join(reversed(steps))
