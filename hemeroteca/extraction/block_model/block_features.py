"""The features of blocks: what the model sees of each block of a page, as one row of numbers.

All columns are computed at once, as arrays, and none depends on other pages. The names of columns are stored in
``blocks.npz``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from hemeroteca.extraction.block_model.block_series import Floats, measure_span, number_groups, shift, sum_around
from hemeroteca.extraction.block_model.own_features import measure_contexts, measure_head, measure_text
from hemeroteca.extraction.block_model.witnesses import Witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.page.blocks import Block, Layout
from hemeroteca.extraction.page.json_ld import NEWS_TYPES

_NEIGHBOUR_STEPS = {"chars": 1, "link_density": 2, "tag": 1, "ends": 1, "promo": 1, "depth": 1}
"""Columns that are also taken from the blocks before and after, and from how many of them."""


_GROUP_TITLES = ("kin", "parent", "grandparent")
"""Blocks whose element and parent have the same tags and classes, the same parent, the same parent's parent."""
EXTRACTORS = ("resiliparse", "trafilatura")
"""Their columns are the share of each block that is in the extractor's text."""

_PROSE_CHARS = 150
"""A block with more prose than this among its kin or in its parent may be text, whatever the witnesses take."""


class FeatureTable(NamedTuple):
    """The features of a page's blocks: by name a column with one number a block."""

    columns: dict[str, Floats]
    groups: dict[str, NDArray[np.int64]]
    """By title, the number of each block's group: those of ``_GROUP_TITLES``, and ``twins`` of the same words."""

    @property
    def rows(self) -> NDArray[np.float32]:
        return np.array(list(self.columns.values()), dtype=np.float32).T


def measure_blocks(layout: Layout, witnesses: Witnesses, words: WordIndex) -> FeatureTable:
    """Return the features of the blocks of *layout*, of which there is at least one."""
    blocks = layout.blocks
    columns = measure_text(blocks, words)
    columns |= measure_head(layout, witnesses, words)
    columns["json_ld"] = words.measure_overlap(witnesses.json_ld_body)
    columns |= measure_contexts(blocks)
    columns["prose"] = columns["chars"] * (columns["link_density"] < 0.4) * columns["ends"] * (columns["chars"] > 40)
    groups = _group(blocks, words)
    columns |= _measure_groups(groups, columns)
    columns |= _measure_neighbours(columns)
    columns |= _measure_page(witnesses, columns)
    shares = {name: words.measure_overlap(getattr(witnesses, name)) for name in EXTRACTORS}
    of_extractors = [_measure_witness(name, of_blocks, columns, groups) for name, of_blocks in shares.items()]
    columns |= {name: column for found in of_extractors for name, column in found.items()}
    columns["page_agreement"] = np.full(len(blocks), measure_agreement(layout, witnesses, words))
    return FeatureTable(columns, groups)


def measure_agreement(layout: Layout, witnesses: Witnesses, words: WordIndex) -> float:
    """Return which share of the characters that either extractor takes are taken by both."""
    chars = np.array([len(block.text) for block in layout.blocks], dtype=np.float64)
    one, other = (words.measure_overlap(getattr(witnesses, name)) for name in EXTRACTORS)
    return float((np.minimum(one, other) * chars).sum() / max((np.maximum(one, other) * chars).sum(), 1))


def find_plausible_blocks(table: FeatureTable) -> NDArray[np.bool_]:
    """Say which blocks the model is to score; all others are not text.

    Those that a witness takes, that stand among such blocks or among prose; where there are none, all outside the
    footer.
    """
    columns = table.columns
    names = [f"{kind}{name}" for name in EXTRACTORS for kind in ("", *(f"{kind}_" for kind in _GROUP_TITLES))]
    taken = sum((columns[name] for name in (*names, "is_description", "json_ld")), np.zeros(len(columns["chars"]))) > 0
    body = columns["around:in_footer"] == 0
    among_prose = (columns["kin_prose_chars"] > _PROSE_CHARS) | (columns["parent_prose_chars"] > _PROSE_CHARS)
    found = taken | (among_prose & body)
    return np.asarray(found if found.any() else body)


def _group(blocks: Sequence[Block], words: WordIndex) -> dict[str, NDArray[np.int64]]:
    return {
        "kin": number_groups([block.context.signature for block in blocks]),
        "parent": number_groups([id(block.context.parent) for block in blocks]),
        "grandparent": number_groups(
            [id(block.context.parent.parent) if block.context.parent else 0 for block in blocks]
        ),
        "twins": number_groups(words.line_keys),
    }


def _measure_groups(groups: dict[str, NDArray[np.int64]], columns: dict[str, Floats]) -> dict[str, Floats]:
    """Return what the blocks of each block's groups are like together."""
    chars = columns["chars"]
    sentences = chars * (columns["link_density"] < 0.4) * columns["ends"]
    most = max(columns["prose"].sum(), 1)
    found: dict[str, Floats] = {}
    for title in _GROUP_TITLES:
        group = groups[title]
        count = np.bincount(group).astype(np.float64)
        total = _sum_by_group(group, chars)
        prose = _sum_by_group(group, columns["prose"])
        found[f"{title}_count"] = count[group]
        found[f"{title}_chars"] = total[group]
        found[f"{title}_mean_chars"] = (total / count)[group]
        found[f"{title}_page_share"] = total[group] / chars.sum()
        found[f"{title}_prose"] = (_sum_by_group(group, sentences) / total)[group]
        found[f"{title}_prose_chars"] = prose[group]
        found[f"{title}_prose_share"] = (prose / most)[group]
        found[f"{title}_prose_rank"] = _rank(prose)[group]
        found[f"{title}_link_density"] = (_sum_by_group(group, chars * columns["link_density"]) / total)[group]
    return found


def _measure_neighbours(columns: dict[str, Floats]) -> dict[str, Floats]:
    found: dict[str, Floats] = {}
    for name, steps in _NEIGHBOUR_STEPS.items():
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


def _measure_page(witnesses: Witnesses, columns: dict[str, Floats]) -> dict[str, Floats]:
    chars = columns["chars"]
    count = len(chars)
    values = {
        "page_blocks": count,
        "page_chars": chars.sum(),
        "page_prose": columns["prose"].sum(),
        "page_json_ld": len(witnesses.json_ld_body),
        "page_json_ld_found": (columns["json_ld"] * chars).sum() / max(len(witnesses.json_ld_body), 1),
        "page_news": bool(witnesses.article_types & NEWS_TYPES),
        "page_blog": bool(witnesses.article_types & {"blogposting", "article", "og:blog"})
        and not witnesses.article_types & NEWS_TYPES,
        "page_live": "liveblogposting" in witnesses.article_types,
        "page_og_article": "og:article" in witnesses.article_types,
        "page_described": bool(witnesses.descriptions),
        "page_description_seen": columns["is_description"].any(),
        "page_common": (columns["common"] * columns["words"]).sum() / max(columns["words"].sum(), 1),
    }
    return {name: np.full(count, float(value)) for name, value in values.items()} | {
        "position": np.arange(count) / count,
        "chars_done": np.concatenate(([0.0], np.cumsum(chars)))[:-1] / chars.sum(),
    }


def _measure_witness(
    name: str, measure_overlap: Floats, columns: dict[str, Floats], groups: dict[str, NDArray[np.int64]]
) -> dict[str, Floats]:
    """Return what the witness *name* takes of each block (*shares*), of its groups and of the blocks around it."""
    chars = columns["chars"]
    taken = chars * measure_overlap
    found = {name: measure_overlap}
    for title in _GROUP_TITLES:
        group = groups[title]
        total, of_group = _sum_by_group(group, chars), _sum_by_group(group, taken)
        found[f"{title}_{name}"] = (of_group / total)[group]
        found[f"{title}_others_{name}"] = (of_group[group] - taken) / np.maximum(total[group] - chars, 1)
    found |= measure_span(name, measure_overlap > 0.5, chars)
    found |= measure_span(f"{name}_prose", _are_paragraphs(columns) & (measure_overlap > 0.5), chars)
    for width in (3, 8):
        found[f"{name}_within_{width}"] = sum_around(taken, width) / sum_around(chars, width)
    of_prose = (columns["prose"] * measure_overlap).sum() / max(columns["prose"].sum(), 1)
    of_page = {"": taken.sum(), "_share": taken.sum() / chars.sum(), "_prose": of_prose}
    return found | {f"page_{name}{title}": np.full(len(chars), float(value)) for title, value in of_page.items()}


def _are_paragraphs(columns: dict[str, Floats]) -> NDArray[np.bool_]:
    return (columns["chars"] > 80) & (columns["link_density"] < 0.4) & (columns["ends"] > 0)


def _sum_by_group(group: NDArray[np.int64], weights: Floats) -> Floats:
    return np.asarray(np.bincount(group, weights=weights), dtype=np.float64)


def _rank(values: Floats) -> Floats:
    """Return the rank of each of *values*: 0 for the largest, and of equal ones the first comes first."""
    ranks = np.empty(len(values))
    ranks[np.argsort(-values, kind="stable")] = np.arange(len(values))
    return ranks
