"""The choice of the blocks that are a page's text, and the reason for each.

It begins with the text that trafilatura takes. The model's scores and then rules correct it, and a large correction
stands only where a second witness agrees.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Rule
from hemeroteca.extraction.block_choice.corrections import (
    LIST_REASON,
    STANDS_REASON,
    OwnText,
    find_dispute,
    keep_ground,
    rescue,
)
from hemeroteca.extraction.block_choice.explanation import BlockExplanation, Explanation
from hemeroteca.extraction.block_choice.repeated_body import drop_repeated
from hemeroteca.extraction.block_choice.rules import FURNITURE, RULES, drop_headline, find_standfirst
from hemeroteca.extraction.block_model.block_features import FeatureTable, measure_agreement, measure_blocks
from hemeroteca.extraction.block_model.block_series import Floats
from hemeroteca.extraction.block_model.two_stage_model import TwoStageModel
from hemeroteca.extraction.block_model.witnesses import Witnesses, extract_with_trafilatura, read_witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.metadata.list_pages import is_no_article
from hemeroteca.extraction.page.blocks import Block, Layout
from hemeroteca.extraction.page.markup import Markup
from hemeroteca.extraction.page.tree import ParsedPage

KEEP_AT = 0.5

_AGREE = 0.5
"""Where trafilatura's fast mode and resiliparse agree less, one of them has lost the text."""
_MAX_PATH_STEPS = 12


class MeasuredPage(NamedTuple):
    """A page's blocks with their features, trafilatura's own text, and whether the page is a list."""

    layout: Layout
    witnesses: Witnesses
    table: FeatureTable
    own: OwnText
    is_list: bool

    def select(self, scores: Floats) -> BlockSelection:
        """Return the choice by *scores* alone."""
        return BlockSelection(self.layout, self.table, self.witnesses, scores, scores > KEEP_AT)


class Choice(NamedTuple):
    """The choice for a page; by block, the reason of the rule that decided it, where one did."""

    selection: BlockSelection
    ground: NDArray[np.bool_]
    """Which blocks are trafilatura's text."""
    standfirst: int | None
    rule_reasons: dict[int, str]
    disputed: bool
    """A large correction of trafilatura's text was found, and no second witness agreed with it."""
    own_text: str | None
    """trafilatura's text itself, where it stands as it is."""

    @property
    def lines_dropped(self) -> int:
        """How many lines of trafilatura's text are left out."""
        return int((self.ground & ~self.selection.kept).sum())

    @property
    def lines_added(self) -> int:
        """How many lines there are that trafilatura's text has not."""
        return int((self.selection.kept & ~self.ground).sum())

    def list_dropped(self) -> list[Block]:
        """Return the blocks of trafilatura's text that are left out."""
        dropped = self.ground & ~self.selection.kept
        return [self.selection.blocks[index] for index in np.flatnonzero(dropped)]

    @property
    def kept(self) -> list[Block]:
        return [block for block, kept in zip(self.selection.blocks, self.selection.kept, strict=True) if kept]


def choose_blocks(
    parsed: ParsedPage, markup: Markup, model: TwoStageModel, more_rules: tuple[Rule, ...] = ()
) -> Choice | None:
    """Return which blocks of a page are its text, None for a page without blocks."""
    measured = measure_page(parsed, markup)
    if measured is None:
        return None
    selection = measured.select(model.score(measured.table))
    own = measured.own
    rule_reasons, verdict = correct(selection, own, measured.is_list)
    rule_reasons |= apply_rules(selection, more_rules)
    standfirst = find_standfirst(selection)
    kept = standfirst is not None and bool(selection.kept[standfirst])
    return Choice(
        selection,
        own.find_blocks(selection.table),
        standfirst if kept else None,
        rule_reasons,
        disputed=verdict == STANDS_REASON,
        own_text=own.text or None if verdict else None,
    )


def measure_page(parsed: ParsedPage, markup: Markup) -> MeasuredPage | None:
    """Return the features of a page's blocks, None for a page without blocks."""
    layout = parsed.layout
    if not layout.blocks:
        return None
    witnesses = read_witnesses(parsed, markup)
    words = WordIndex([block.text for block in layout.blocks])
    is_list = is_no_article(markup, witnesses.resiliparse)
    witnesses = witnesses._replace(trafilatura=extract_with_trafilatura(parsed.tree, fast=not is_list))
    own = OwnText(parsed.tree, witnesses.trafilatura, words, is_list)
    if measure_agreement(layout, witnesses, words) < _AGREE:
        witnesses = witnesses._replace(trafilatura=own.read_thoroughly())
    return MeasuredPage(layout, witnesses, measure_blocks(layout, witnesses, words), own, is_list)


def correct(selection: BlockSelection, own: OwnText, is_list: bool) -> tuple[dict[int, str], str | None]:
    """Apply the rules, and take their corrections and the model's back where trafilatura's *own* text stands.

    Returns the reason for each block that was decided so, and why *own* stands, if it does.
    """
    rule_reasons = apply_rules(selection, RULES)
    verdict = LIST_REASON if is_list else find_dispute(selection, own)
    if verdict:
        rule_reasons = _keep_own_text(selection, own, verdict)
    return rule_reasons | apply_rules(selection, (rescue,)), verdict


def _keep_own_text(selection: BlockSelection, own: OwnText, verdict: str) -> dict[int, str]:
    """Keep trafilatura's *own* text, without its headline, and without what is no text at all where that is little."""
    keep_own = functools.partial(keep_ground, own.find_copies(selection.table), verdict)
    if verdict != LIST_REASON:
        rule_reasons = apply_rules(selection, (keep_own, *FURNITURE))
        if find_dispute(selection, own) is None:
            return rule_reasons
    return apply_rules(selection, (keep_own, drop_repeated, drop_headline))


def apply_rules(selection: BlockSelection, rules: tuple[Rule, ...]) -> dict[int, str]:
    """Apply *rules* to *selection*, and return the reason for each block that a rule decided."""
    rule_reasons = {}
    for rule in rules:
        for index, keep, reason in list(rule(selection)):
            selection.kept[index] = keep
            rule_reasons[index] = reason
    return rule_reasons


def explain_choice(choice: Choice, model: TwoStageModel) -> Explanation:
    selection = choice.selection
    model_reasons = model.explain_scores(selection.table)
    blocks = [
        BlockExplanation(
            block.text,
            find_css_path(block),
            bool(selection.kept[index]),
            bool(choice.ground[index]),
            round(float(selection.scores[index]), 4),
            (f"rule: {choice.rule_reasons[index]}",) if index in choice.rule_reasons else model_reasons[index],
        )
        for index, block in enumerate(selection.blocks)
    ]
    return Explanation(choice.disputed, blocks)


def find_css_path(block: Block) -> str:
    """Return the elements around *block* as a CSS path, at most the twelve innermost."""
    steps: list[str] = []
    context = block.context
    while context.parent is not None and context.tag != "body" and len(steps) < _MAX_PATH_STEPS:
        names = "".join(f".{name}" for name in (context.element.get("class") or "").split()[:3])
        steps.append(context.tag + names)
        context = context.parent
    return " > ".join(reversed(steps))
