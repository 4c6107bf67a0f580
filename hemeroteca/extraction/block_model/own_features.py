"""The features that each block has on its own: its text, its likeness to the page's head, and its elements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from hemeroteca.extraction.block_model.block_series import Floats, number_groups
from hemeroteca.extraction.block_model.character_counts import CharacterCounts
from hemeroteca.extraction.block_model.phrases import CLOCK, COMMON, PROMO, find_dated_lines, find_promo_words
from hemeroteca.extraction.block_model.witnesses import Witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.page.blocks import Block, Layout
from hemeroteca.extraction.page.class_words import NAME_BITS

TAGS = (
    "p", "blockquote", "pre", "div", "section", "article", "main", "body", "li", "dd", "dt", "h2", "h3", "h4", "h5",
    "h6", "h1", "td", "th", "caption", "figcaption", "figure", "header", "aside", "address", "nav", "footer", "form",
)  # fmt: skip
_TAG_NUMBERS = {tag: number for number, tag in enumerate(TAGS)}
_NAMES = {
    "own": ("caption", "lead", "body", "title", "in_figure"),
    "near": (
        "navigation", "legal", "comment", "date", "live", "box", "related", "newsletter", "share", "byline", "in_table",
        "in_list", "in_figure",
    ),
    "around": (
        "gallery", "comment", "caption", "hidden", "tags", "live", "box", "legal", "list", "navigation", "newsletter",
        "related", "in_main", "in_section", "in_article", "in_aside", "in_footer", "in_list",
    ),
}  # fmt: skip
"""Which names are looked for on the block's own element, on the three around it, and on all around it."""
_NAME_MASKS = {title: np.array([[NAME_BITS[name]] for name in names]) for title, names in _NAMES.items()}

BEGINNING_CHARS = 200
"""Capitals and digits are counted in so many characters of a line."""


def measure_text(blocks: Sequence[Block], words: WordIndex) -> dict[str, Floats]:
    texts = [block.text for block in blocks]
    characters = CharacterCounts(texts)
    lengths = characters.lengths.astype(np.float64)
    beginnings = np.minimum(lengths, BEGINNING_CHARS)
    counts = words.word_counts.astype(np.float64)
    lowered = [text[:400].lower() for text in texts]
    digits = characters.count_in_beginning(BEGINNING_CHARS, "digit")
    return {
        "chars": lengths,
        "words": counts,
        "word_length": lengths / np.maximum(counts, 1),
        "link_density": _to_floats(block.link_chars for block in blocks) / lengths,
        "links": _to_floats(block.link_count for block in blocks),
        "strong": _to_floats(block.bold_chars for block in blocks) / lengths,
        "broken": _to_floats(block.after_break for block in blocks),
        "images_before": _to_floats(block.images_before for block in blocks),
        "common": words.count_among(COMMON) / np.maximum(counts, 1),
        "ends": characters.end_sentences(),
        "ends_colon": characters.end_with("colon"),
        "sentences": characters.count_pairs("stop", "space") + characters.count("full_stop"),
        "commas": characters.count("comma"),
        "quotes": characters.begin_with("quote"),
        "lower_start": characters.begin_with("lower"),
        "bullet": characters.begin_with("bullet"),
        "capitals": characters.count_in_beginning(BEGINNING_CHARS, "capital") / beginnings,
        "digits": digits / beginnings,
        "bars": characters.count("bar"),
        "promo": _to_floats(PROMO.match(text) is not None for text in lowered),
        "promo_within": _to_floats(find_promo_words(lowered)),
        "dated": _to_floats(find_dated_lines(texts, (digits + words.count_among(CLOCK) > 0).tolist())),
        "repeats": _count_repeats(words.line_keys),
    }


def measure_head(layout: Layout, witnesses: Witnesses, words: WordIndex) -> dict[str, Floats]:
    """Say which blocks repeat the headline, description or authors of the page's head, or a picture's text."""
    titles = " \n".join(witnesses.titles)
    descriptions = " \n".join(witnesses.descriptions)
    heads = {words.find_line_key(one) for one in witnesses.titles}
    summaries = {words.find_line_key(one) for one in witnesses.descriptions}
    alts = " \n".join(sorted(layout.alt_texts))
    authors = {words.find_line_key(one) for one in witnesses.authors}
    return {
        "is_title": _to_floats(line in heads for line in words.line_keys),
        "title_share": words.measure_overlap(titles),
        "is_description": _to_floats(line in summaries for line in words.line_keys),
        "description_share": words.measure_overlap(descriptions),
        "alt_share": words.measure_overlap(alts),
        "is_author": _to_floats(line in authors for line in words.line_keys),
        "names_author": _to_floats(
            any(name in block.text for name in witnesses.authors) if len(block.text) < 300 else False
            for block in layout.blocks
        ),
    }


def measure_contexts(blocks: Sequence[Block]) -> dict[str, Floats]:
    bits = {
        "own": [block.context.own_names for block in blocks],
        "near": [block.context.near_names for block in blocks],
        "around": [block.context.around_names for block in blocks],
    }
    found = {
        "tag": _to_floats(_TAG_NUMBERS.get(block.context.tag, len(TAGS)) for block in blocks),
        "parent_tag": _to_floats(_TAG_NUMBERS.get(block.context.signature[0] or "", len(TAGS)) for block in blocks),
        "depth": _to_floats(block.context.depth for block in blocks),
        "classless": _to_floats(block.context.signature[3] == "" for block in blocks),
    }
    for title, names in _NAMES.items():
        of_blocks = np.array(bits[title], dtype=np.int64)
        named = (of_blocks & _NAME_MASKS[title] > 0).astype(np.float64)
        found |= {f"{title}:{name}": row for name, row in zip(names, named, strict=True)}
    return found


def _count_repeats(lines: list[bytes]) -> Floats:
    return np.bincount(numbers := number_groups(lines)).astype(np.float64)[numbers]


def _to_floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)
