"""Which blocks of a page are its text: the models' looks, then the rules; and why, for each block.

The first model reads the page without trafilatura. Where it is in doubt trafilatura is asked, and the second decides.
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
"""Of pages that the model is less sure of trafilatura is asked: of about one in seven."""

_LEAST = 0.3

_LONGEST_PATH = 12


class Choice(NamedTuple):
    """What became of a page's blocks. ``ruled`` says which rule decided a block, where one did."""

    draft: BlockSelection
    standfirst: int | None
    ruled: dict[int, str]

    @property
    def asked(self) -> bool:
        """Whether trafilatura was asked about the page."""
        return "trafilatura" in self.draft.table.columns

    @property
    def kept(self) -> list[Block]:
        return [block for block, kept in zip(self.draft.blocks, self.draft.kept, strict=True) if kept]


class BlockExplanation(NamedTuple):
    """A block of the page, whether it is text, how likely the model thought so (0 to 1), and the reasons."""

    text: str
    path: str
    kept: bool
    score: float
    reasons: tuple[str, ...]


class Explanation(NamedTuple):
    """Every block of a page in its order, with what spoke most for or against it; ``asked``: trafilatura too."""

    asked: bool
    blocks: list[BlockExplanation]


def choose_blocks(
    page: ParsedPage, markup: Markup, fold: int | None = None, more_rules: tuple[Rule, ...] = ()
) -> Choice | None:
    """Return which blocks of *page* are its text, None of a page without any; *fold* names the models."""
    layout = read_layout(page.tree)
    if not layout.blocks:
        return None
    opinions = read_witnesses(page, markup)
    table, scores = score_blocks(layout, opinions, lambda: extract_with_trafilatura(page.tree), fold)
    draft = BlockSelection(layout, table, opinions, scores, scores > KEEP_AT)
    ruled = apply_rules(draft, (*RULES, *more_rules))
    standfirst = find_standfirst(draft)
    kept = standfirst is not None and bool(draft.kept[standfirst])
    return Choice(draft, standfirst if kept else None, ruled)


def score_blocks(
    layout: Layout, opinions: Witnesses, trafilatura: Callable[[], str], fold: int | None = None
) -> tuple[FeatureTable, Floats]:
    """Return how likely each block is text, and what that was judged by: *trafilatura* too where there was doubt."""
    words = WordIndex([block.text for block in layout.blocks])
    table = measure_blocks(layout, opinions, words)
    scores = read_model(fold).judge(table)
    if not is_in_doubt(table, scores):
        return table, scores
    table = add_trafilatura(table, words, trafilatura())
    return table, read_model(fold, asked=True).judge(table)


def is_in_doubt(table: FeatureTable, scores: Floats) -> bool:
    """Say whether *scores* are unsure of the page, or would keep little of what resiliparse takes."""
    chars = table.columns["chars"]
    kept, theirs = ((chars * taken).sum() for taken in (scores > KEEP_AT, table.columns["resiliparse"]))
    return measure_certainty(table, scores) < SURE or bool(kept < _LEAST * theirs)


def apply_rules(draft: BlockSelection, rules: tuple[Rule, ...]) -> dict[int, str]:
    """Change what *draft* keeps by *rules*, and return the reason for each block that one of them decided."""
    ruled = {}
    for rule in rules:
        for place, keep, reason in list(rule(draft)):
            draft.kept[place] = keep
            ruled[place] = reason
    return ruled


def explain_choice(choice: Choice, fold: int | None = None) -> Explanation:
    draft = choice.draft
    weighed = read_model(fold, choice.asked).reasons(draft.table)
    blocks = [
        BlockExplanation(
            block.text,
            find_css_path(block),
            bool(draft.kept[place]),
            round(float(draft.scores[place]), 4),
            (f"rule: {choice.ruled[place]}",) if place in choice.ruled else weighed[place],
        )
        for place, block in enumerate(draft.blocks)
    ]
    return Explanation(choice.asked, blocks)


def find_css_path(block: Block) -> str:
    """Return the last elements around *block*, from the outermost, as CSS would name them."""
    steps: list[str] = []
    place = block.place
    while place.parent is not None and place.tag != "body" and len(steps) < _LONGEST_PATH:
        names = "".join(f".{name}" for name in (place.element.get("class") or "").split()[:3])
        steps.append(place.tag + names)
        place = place.parent
    return " > ".join(reversed(steps))
