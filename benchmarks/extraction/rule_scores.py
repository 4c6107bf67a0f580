"""How often each rule is right, out of fold: the lines it added or dropped, and how many of them are gold."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray

from benchmarks.extraction.block_labels import label_blocks
from benchmarks.extraction.gold_pages import NEWS, GoldPage, read_gold_pages
from hemeroteca.extraction.block_choice.choice import KEEP_AT, Choice, choose_blocks
from hemeroteca.extraction.block_choice.live_blog import LiveBlog
from hemeroteca.extraction.block_model.two_stage_model import read_model
from hemeroteca.extraction.page.markup import read_markup
from hemeroteca.extraction.page.tree import parse_page
from storage.model.errors import NoMainTextError

RIGHT_FROM = 0.8
"""A rule that is right less often has to be mended, restricted or taken out."""

_GROUPS = ("news", "blogs", "lists")
_LISTS = "wcxb_other"
Tally = defaultdict[tuple[str, str], Counter[tuple[str, bool]]]


def print_rules() -> None:
    """Print a row for each reason that ``explain`` gives: how many of its lines are right, by the kind of page."""
    tally: Tally = defaultdict(Counter)
    for gold in read_gold_pages():
        if gold.text is not None:
            _count_page(gold, gold.text, tally)
    print(f"\n{'rule, out of fold: right of all':<76} {'':>7}" + "".join(f"{name:>12}" for name in _GROUPS) + "  share")
    for (reason, change), counts in sorted(tally.items(), key=lambda row: -row[1].total()):
        cells = [f"{counts[name, True]}/{counts[name, True] + counts[name, False]}" for name in _GROUPS]
        right, wrong = (sum(counts[name, is_right] for name in _GROUPS[:2]) for is_right in (True, False))
        share = f"{right / (right + wrong):7.2f}" if right + wrong else f"{'':>7}"
        mark = " <" if right + wrong and right / (right + wrong) < RIGHT_FROM else ""
        print(f"{reason:<76} {change:>7}" + "".join(f"{cell:>12}" for cell in cells) + share + mark)


def _count_page(gold: GoldPage, text: str, tally: Tally) -> None:
    try:
        parsed = parse_page(gold.page)
    except NoMainTextError:
        return
    markup = read_markup(parsed.tree, parsed.url)
    choice = choose_blocks(parsed, markup, read_model(gold.fold), (LiveBlog(markup).keep_posts,))
    if choice is None:
        return
    labels = label_blocks([block.text for block in choice.selection.blocks], text)
    kind = "news" if gold.set in NEWS else "lists" if gold.set == _LISTS else "blogs"
    for index, reason in choice.rule_reasons.items():
        added = bool(choice.selection.kept[index])
        if added != (choice.selection.scores[index] > KEEP_AT):
            right = labels[index] if added else not labels[index] or _is_kept_elsewhere(choice, labels, index)
            tally[reason, "added" if added else "dropped"][kind, bool(right)] += 1


def _is_kept_elsewhere(choice: Choice, labels: NDArray[np.bool_], index: int) -> bool:
    """Say whether a line that is gold, and was dropped, is kept at another place that the gold was not found at."""
    twins = choice.selection.table.groups["twins"]
    return bool(((twins == twins[index]) & choice.selection.kept & ~labels).any())


if __name__ == "__main__":
    print_rules()
