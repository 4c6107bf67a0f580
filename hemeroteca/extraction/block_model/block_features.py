"""What the models are told of each block, as one row of numbers.

Everything is worked out once a page with arrays; no column depends on other pages. What trafilatura takes is a few more
columns, for the pages that it is asked about.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_series import Floats, measure_span, number_groups, shift, sum_around
from hemeroteca.extraction.block_model.character_counts import CharacterCounts
from hemeroteca.extraction.block_model.phrases import CLOCK, COMMON, PROMO, find_dated_lines, find_promo_words
from hemeroteca.extraction.block_model.witnesses import Witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.page.blocks import Block, Layout
from hemeroteca.extraction.page.class_words import NAME_BITS
from hemeroteca.extraction.page.json_ld import NEWS_TYPES

TAGS = (
    "p", "blockquote", "pre", "div", "section", "article", "main", "body", "li", "dd", "dt", "h2", "h3", "h4", "h5",
    "h6", "h1", "td", "th", "caption", "figcaption", "figure", "header", "aside", "address", "nav", "footer", "form",
)  # fmt: skip
_TAG_NUMBER = {tag: number for number, tag in enumerate(TAGS)}
_BITS = {
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
"""Which names are asked of the block's own element, of the three around it, and of all around it."""
_MASKS = {title: np.array([[NAME_BITS[name]] for name in names]) for title, names in _BITS.items()}

BEGINNING = 200
"""Characters of a line that capitals and digits are counted in."""

_NEIGHBOURS = {"chars": 1, "link_density": 2, "tag": 1, "ends": 1, "promo": 1, "depth": 1}
"""Columns that are also asked of the blocks before and after, and of how many."""


_KINDS = ("kin", "parent", "grandparent")
_PARAGRAPHS = 150
"""Characters of prose among a block's kin, or in its parent's: it may be text, whatever others take."""


class FeatureTable(NamedTuple):
    """One row a block, one column a name."""

    columns: dict[str, Floats]
    groups: dict[str, NDArray[np.int64]]
    """Which blocks are of a kind: of the same tags and classes, of the same parents, of the same words."""

    @property
    def rows(self) -> NDArray[np.float32]:
        return np.array(list(self.columns.values()), dtype=np.float32).T


def measure_blocks(layout: Layout, opinions: Witnesses, words: WordIndex) -> FeatureTable:
    """Return what is known of each block of *layout*, which has at least one, without trafilatura."""
    blocks = layout.blocks
    columns = _of_text(blocks, words)
    columns |= _of_head(layout, opinions, words)
    columns["json_ld"] = words.shares(opinions.linked)
    columns |= _of_places(blocks)
    columns["prose"] = columns["chars"] * (columns["link_density"] < 0.4) * columns["ends"] * (columns["chars"] > 40)
    groups = _grouped(blocks, words)
    columns |= _of_groups(groups, columns)
    columns |= _of_neighbours(columns)
    columns |= _of_page(opinions, columns)
    return FeatureTable(
        columns | _of_witness("resiliparse", words.shares(opinions.resiliparse), columns, groups), groups
    )


def add_trafilatura(table: FeatureTable, words: WordIndex, text: str) -> FeatureTable:
    """Return *table* with what *text* says of it, which trafilatura takes from the page."""
    shares = words.shares(text)
    columns = table.columns | _of_witness("trafilatura", shares, table.columns, table.groups)
    chars, other = columns["chars"], columns["resiliparse"]
    agreed = (np.minimum(shares, other) * chars).sum() / max((np.maximum(shares, other) * chars).sum(), 1)
    columns["page_agreement"] = np.full(len(chars), agreed)
    return FeatureTable(columns, table.groups)


def find_plausible_blocks(table: FeatureTable) -> NDArray[np.bool_]:
    """Say which blocks anyone takes for text, or stand among such or among prose: the others are not, unless nobody
    finds any: then all but the footer's are asked about.
    """
    columns = table.columns
    witnesses = [name for name in ("resiliparse", "trafilatura") if name in columns]
    names = [f"{kind}{name}" for name in witnesses for kind in ("", *(f"{kind}_" for kind in _KINDS))]
    said = sum((columns[name] for name in (*names, "is_description", "json_ld")), np.zeros(len(columns["chars"]))) > 0
    body = columns["around:in_footer"] == 0
    among_prose = (columns["kin_prose_chars"] > _PARAGRAPHS) | (columns["parent_prose_chars"] > _PARAGRAPHS)
    found = said | (among_prose & body)
    return np.asarray(found if found.any() else body)


def _of_text(blocks: Sequence[Block], words: WordIndex) -> dict[str, Floats]:
    texts = [block.text for block in blocks]
    letters = CharacterCounts(texts)
    lengths = letters.lengths.astype(np.float64)
    beginnings = np.minimum(lengths, BEGINNING)
    counts = words.counts.astype(np.float64)
    lowered = [text[:400].lower() for text in texts]
    digits = letters.count_within(BEGINNING, "digit")
    return {
        "chars": lengths,
        "words": counts,
        "word_length": lengths / np.maximum(counts, 1),
        "link_density": _floats(block.linked for block in blocks) / lengths,
        "links": _floats(block.links for block in blocks),
        "strong": _floats(block.strong for block in blocks) / lengths,
        "broken": _floats(block.broken for block in blocks),
        "images_before": _floats(block.images for block in blocks),
        "common": words.sums(COMMON) / np.maximum(counts, 1),
        "ends": letters.ends("end"),
        "ends_colon": letters.ends("colon"),
        "sentences": letters.count_pairs("stop", "space") + letters.count("full_stop"),
        "commas": letters.count("comma"),
        "quotes": letters.begins("quote"),
        "lower_start": letters.begins("lower"),
        "bullet": letters.begins("bullet"),
        "capitals": letters.count_within(BEGINNING, "capital") / beginnings,
        "digits": digits / beginnings,
        "bars": letters.count("bar"),
        "promo": _floats(PROMO.match(text) is not None for text in lowered),
        "promo_within": _floats(find_promo_words(lowered)),
        "dated": _floats(find_dated_lines(texts, (digits + words.sums(CLOCK) > 0).tolist())),
        "repeats": _repeats(words.lines),
    }


def _of_head(layout: Layout, opinions: Witnesses, words: WordIndex) -> dict[str, Floats]:
    """Say which blocks repeat what the page's head says: its headline, description, authors; or a picture's text."""
    titles = " \n".join(opinions.titles)
    descriptions = " \n".join(opinions.descriptions)
    heads = {words.key(one) for one in opinions.titles}
    said = {words.key(one) for one in opinions.descriptions}
    alts = " \n".join(sorted(layout.alts))
    authors = {words.key(one) for one in opinions.authors}
    return {
        "is_title": _floats(line in heads for line in words.lines),
        "title_share": words.shares(titles),
        "is_description": _floats(line in said for line in words.lines),
        "description_share": words.shares(descriptions),
        "alt_share": words.shares(alts),
        "is_author": _floats(line in authors for line in words.lines),
        "names_author": _floats(
            any(name in block.text for name in opinions.authors) if len(block.text) < 300 else False
            for block in layout.blocks
        ),
    }


def _of_places(blocks: Sequence[Block]) -> dict[str, Floats]:
    bits = {
        "own": [block.place.named for block in blocks],
        "near": [block.place.near for block in blocks],
        "around": [block.place.around for block in blocks],
    }
    found = {
        "tag": _floats(_TAG_NUMBER.get(block.place.tag, len(TAGS)) for block in blocks),
        "parent_tag": _floats(_TAG_NUMBER.get(block.place.group[0] or "", len(TAGS)) for block in blocks),
        "depth": _floats(block.place.depth for block in blocks),
        "classless": _floats(block.place.group[3] == "" for block in blocks),
    }
    for title, names in _BITS.items():
        of_blocks = np.array(bits[title], dtype=np.int64)
        said = (of_blocks & _MASKS[title] > 0).astype(np.float64)
        found |= {f"{title}:{name}": row for name, row in zip(names, said, strict=True)}
    return found


def _grouped(blocks: Sequence[Block], words: WordIndex) -> dict[str, NDArray[np.int64]]:
    return {
        "kin": number_groups([block.place.group for block in blocks]),
        "parent": number_groups([id(block.place.parent) for block in blocks]),
        "grandparent": number_groups([id(block.place.parent.parent) if block.place.parent else 0 for block in blocks]),
        "twins": number_groups(words.lines),
    }


def _of_groups(groups: dict[str, NDArray[np.int64]], columns: dict[str, Floats]) -> dict[str, Floats]:
    """Say what the others of a block's kind are like: of the same tags and classes, and of the same parents."""
    chars = columns["chars"]
    sentences = chars * (columns["link_density"] < 0.4) * columns["ends"]
    most = max(columns["prose"].sum(), 1)
    found: dict[str, Floats] = {}
    for title in _KINDS:
        group = groups[title]
        count = np.bincount(group).astype(np.float64)
        total = _totals(group, chars)
        prose = _totals(group, columns["prose"])
        found[f"{title}_count"] = count[group]
        found[f"{title}_chars"] = total[group]
        found[f"{title}_mean_chars"] = (total / count)[group]
        found[f"{title}_page_share"] = total[group] / chars.sum()
        found[f"{title}_prose"] = (_totals(group, sentences) / total)[group]
        found[f"{title}_prose_chars"] = prose[group]
        found[f"{title}_prose_share"] = (prose / most)[group]
        found[f"{title}_prose_rank"] = _ranks(prose)[group]
        found[f"{title}_link_density"] = (_totals(group, chars * columns["link_density"]) / total)[group]
    return found


def _of_neighbours(columns: dict[str, Floats]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for name, steps in _NEIGHBOURS.items():
        for step in (*range(-steps, 0), *range(1, steps + 1)):
            found[f"{name}{step:+d}"] = shift(columns[name], step)
    found |= measure_span("prose", _are_paragraphs(columns), columns["chars"])
    for width in (3, 8):
        found[f"prose_within_{width}"] = sum_around(columns["prose"], width) / sum_around(columns["chars"], width)
    titles = np.flatnonzero(columns["is_title"] > 0)
    place = np.arange(len(columns["chars"]))
    found["after_title"] = (place - titles[0] if len(titles) else np.full(len(place), -999)).astype(np.float64)
    found["after_last_title"] = (place - titles[-1] if len(titles) else np.full(len(place), -999)).astype(np.float64)
    return found


def _of_page(opinions: Witnesses, columns: dict[str, Floats]) -> dict[str, Floats]:
    chars = columns["chars"]
    count = len(chars)
    values = {
        "page_blocks": count,
        "page_chars": chars.sum(),
        "page_prose": columns["prose"].sum(),
        "page_json_ld": len(opinions.linked),
        "page_json_ld_found": (columns["json_ld"] * chars).sum() / max(len(opinions.linked), 1),
        "page_news": bool(opinions.types & NEWS_TYPES),
        "page_blog": bool(opinions.types & {"blogposting", "article", "og:blog"}) and not opinions.types & NEWS_TYPES,
        "page_live": "liveblogposting" in opinions.types,
        "page_og_article": "og:article" in opinions.types,
        "page_described": bool(opinions.descriptions),
        "page_description_seen": columns["is_description"].any(),
        "page_common": (columns["common"] * columns["words"]).sum() / max(columns["words"].sum(), 1),
    }
    return {name: np.full(count, float(value)) for name, value in values.items()} | {
        "position": np.arange(count) / count,
        "chars_done": np.concatenate(([0.0], np.cumsum(chars)))[:-1] / chars.sum(),
    }


def _of_witness(
    name: str, shares: Floats, columns: dict[str, Floats], groups: dict[str, NDArray[np.int64]]
) -> dict[str, Floats]:
    """Say what the witness *name* takes, by the *shares* of each block, of it, of its kind and around it."""
    chars = columns["chars"]
    taken = chars * shares
    found = {name: shares}
    for title in _KINDS:
        group = groups[title]
        total, of_group = _totals(group, chars), _totals(group, taken)
        found[f"{title}_{name}"] = (of_group / total)[group]
        found[f"{title}_others_{name}"] = (of_group[group] - taken) / np.maximum(total[group] - chars, 1)
    found |= measure_span(name, shares > 0.5, chars)
    found |= measure_span(f"{name}_prose", _are_paragraphs(columns) & (shares > 0.5), chars)
    for width in (3, 8):
        found[f"{name}_within_{width}"] = sum_around(taken, width) / sum_around(chars, width)
    of_prose = (columns["prose"] * shares).sum() / max(columns["prose"].sum(), 1)
    of_page = {"": taken.sum(), "_share": taken.sum() / chars.sum(), "_prose": of_prose}
    return found | {f"page_{name}{title}": np.full(len(chars), float(value)) for title, value in of_page.items()}


def _are_paragraphs(columns: dict[str, Floats]) -> NDArray[np.bool_]:
    return (columns["chars"] > 80) & (columns["link_density"] < 0.4) & (columns["ends"] > 0)


def _totals(group: NDArray[np.int64], weights: Floats) -> Floats:
    return np.asarray(np.bincount(group, weights=weights), dtype=np.float64)


def _ranks(values: Floats) -> Floats:
    """Return the rank of each of *values*, 0 for the largest; of equal ones the first has the lower rank."""
    ranks = np.empty(len(values))
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return ranks


def _repeats(lines: list[bytes]) -> Floats:
    return np.bincount(numbers := number_groups(lines)).astype(np.float64)[numbers]


def _floats(values: Iterable[float]) -> Floats:
    return np.fromiter(values, dtype=np.float64)
