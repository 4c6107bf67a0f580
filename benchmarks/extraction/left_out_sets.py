"""Our error on each shared set by a model that was trained on the other sets alone: for pages unlike the training's.

What the sets call text differs, so this is nearer to what a newspaper of another kind gets than figures out of fold.
No threshold is left out: those of the choice are halves and quarters, none was fitted to a set.
"""

from __future__ import annotations

import argparse
import json
from collections import defaultdict
from pathlib import Path

from benchmarks.extraction.block_training import TRAINED_ON, Example, read_cached_examples, train_model
from benchmarks.extraction.confidence_curve import aggregate, match
from benchmarks.extraction.gold_pages import NEWS, GoldPage, read_gold_pages
from hemeroteca.extraction.article import list_lines
from hemeroteca.extraction.block_choice.choice import choose_blocks
from hemeroteca.extraction.block_choice.live_blog import LiveBlog
from hemeroteca.extraction.block_model.two_stage_model import TwoStageModel
from hemeroteca.extraction.page.markup import read_markup
from hemeroteca.extraction.page.tree import parse_page

Match = tuple[float, float, float]


def main() -> None:
    parser = argparse.ArgumentParser(description="Score each set by a model of the other sets.")
    parser.add_argument("trafilatura", type=Path, help="trafilatura.jsonl, as text_scores --output writes it")
    parser.add_argument("--cache", type=Path, help="a file for the features of all pages, made when missing")
    options = parser.parse_args()
    rows = map(json.loads, options.trafilatura.read_text().splitlines())
    theirs = {row["id"]: row["text"] for row in rows}
    examples = read_cached_examples(options.cache)
    matches: dict[str, list[tuple[Match, Match]]] = defaultdict(list)
    for name in TRAINED_ON:
        model = train_model([one for one in examples if one.set != name], _list_hosts(examples, name))
        pages = [gold for gold in read_gold_pages() if gold.set == name and gold.text]
        matches[name] = [
            (match(gold.text, _read_text(gold, model)), match(gold.text, theirs[gold.id])) for gold in pages
        ]
        _print(name, matches[name])
    ratio = _print("news", [pair for name in NEWS for pair in matches[name]])
    print(f"RATIO text_error_with_set_left_out {ratio:.4f}")


def _list_hosts(examples: list[Example], name: str) -> frozenset[str]:
    return frozenset(one.domain for one in examples if one.set == name)


def _read_text(gold: GoldPage, model: TwoStageModel) -> str:
    page = parse_page(gold.page)
    markup = read_markup(page.tree, page.url)
    choice = choose_blocks(page, markup, model, (LiveBlog(markup).keep_posts,))
    return "\n".join(list_lines(choice)) if choice else ""


def _print(name: str, pairs: list[tuple[Match, Match]]) -> float:
    """Print both scores of a set and return our error over trafilatura's."""
    ours, theirs = (aggregate([pair[side] for pair in pairs])["f1"] for side in (0, 1))
    ratio = float((1 - ours) / (1 - theirs))
    print(
        f"{name:14} {len(pairs):4} pages  F1 {ours:.4f}  trafilatura {theirs:.4f}  error ratio {ratio:.3f}", flush=True
    )
    return ratio


if __name__ == "__main__":
    main()
