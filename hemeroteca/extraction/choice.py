"""Which blocks of a page are its text: the model's two looks, then the rules; and why, for each block."""

from __future__ import annotations

from typing import NamedTuple

from hemeroteca.extraction.blocks import Block, Layout, read_layout
from hemeroteca.extraction.features import describe
from hemeroteca.extraction.metadata.markup import Markup
from hemeroteca.extraction.model import read_model
from hemeroteca.extraction.opinions import Opinions, hear
from hemeroteca.extraction.rules import RULES, Draft, Rule, standfirst_of
from hemeroteca.extraction.tree import Parsed

KEEP_AT = 0.5

_LONGEST_PATH = 12


class Choice(NamedTuple):
    """What became of a page's blocks. ``ruled`` says which rule decided a block, where one did."""

    draft: Draft
    standfirst: int | None
    ruled: dict[int, str]

    @property
    def kept(self) -> list[Block]:
        return [block for block, kept in zip(self.draft.blocks, self.draft.kept, strict=True) if kept]


class BlockVerdict(NamedTuple):
    """A block of the page, whether it is text, how likely the model thought so (0 to 1), and the reasons."""

    text: str
    path: str
    kept: bool
    score: float
    reasons: tuple[str, ...]


def choose(page: Parsed, markup: Markup, fold: int | None = None, more_rules: tuple[Rule, ...] = ()) -> Choice | None:
    """Return which blocks of *page* are its text, None of a page without any; *fold* names the model."""
    layout = read_layout(page.tree)
    return decide(layout, hear(page, markup), fold, more_rules) if layout.blocks else None


def decide(layout: Layout, opinions: Opinions, fold: int | None = None, more_rules: tuple[Rule, ...] = ()) -> Choice:
    table = describe(layout, opinions)
    scores = read_model(fold).judge(table)
    draft = Draft(layout, table, opinions, scores, scores > KEEP_AT)
    ruled = apply_rules(draft, (*RULES, *more_rules))
    standfirst = standfirst_of(draft)
    kept = standfirst is not None and bool(draft.kept[standfirst])
    return Choice(draft, standfirst if kept else None, ruled)


def apply_rules(draft: Draft, rules: tuple[Rule, ...]) -> dict[int, str]:
    """Change what *draft* keeps by *rules*, and return the reason for each block that one of them decided."""
    ruled = {}
    for rule in rules:
        for place, keep, reason in list(rule(draft)):
            draft.kept[place] = keep
            ruled[place] = reason
    return ruled


def explain_choice(choice: Choice, fold: int | None = None) -> list[BlockVerdict]:
    """Return every block of the page in its order, with what spoke most for or against it."""
    draft = choice.draft
    weighed = read_model(fold).reasons(draft.table)
    return [
        BlockVerdict(
            block.text,
            path_of(block),
            bool(draft.kept[place]),
            round(float(draft.scores[place]), 4),
            (f"rule: {choice.ruled[place]}",) if place in choice.ruled else weighed[place],
        )
        for place, block in enumerate(draft.blocks)
    ]


def path_of(block: Block) -> str:
    """Return the last elements around *block*, from the outermost, as CSS would name them."""
    steps: list[str] = []
    place = block.place
    while place.parent is not None and place.tag != "body" and len(steps) < _LONGEST_PATH:
        names = "".join(f".{name}" for name in (place.element.get("class") or "").split()[:3])
        steps.append(place.tag + names)
        place = place.parent
    return " > ".join(reversed(steps))
