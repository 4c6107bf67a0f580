"""The features of the model's second stage: the first stage's score of a block, of its neighbours and its groups."""

from __future__ import annotations

import numpy as np

from hemeroteca.extraction.block_model.block_features import FeatureTable
from hemeroteca.extraction.block_model.block_series import Floats, measure_span, shift, sum_around

SECOND_STAGE_COLUMNS = (
    "chars", "words", "link_density", "tag", "parent_tag", "strong", "ends", "ends_colon", "promo", "promo_within",
    "trafilatura", "resiliparse", "json_ld", "common", "sentences", "is_title", "is_description", "description_share",
    "alt_share", "broken", "dated", "names_author", "repeats", "kin_count", "kin_mean_chars", "kin_trafilatura",
    "parent_trafilatura", "parent_mean_chars", "grandparent_trafilatura", "position", "after_title", "page_news",
    "page_blog", "page_agreement", "page_live", "chars-1", "chars+1", "tag-1", "tag+1", "link_density+1",
    "images_before", "own:caption", "own:lead", "near:related", "around:in_list", "quotes", "lower_start", "capitals",
    "digits", "prose", "kin_prose_share", "parent_prose_share", "grandparent_prose_share", "kin_prose_rank",
    "parent_prose", "parent_resiliparse", "kin_resiliparse", "grandparent_resiliparse", "page_resiliparse_prose",
    "prose_done", "resiliparse_prose_done", "resiliparse_prose_left", "resiliparse_done", "resiliparse_left",
    "near:box", "around:legal",
)  # fmt: skip
"""Columns of the first stage that the second sees too."""


def measure_context(table: FeatureTable, first: Floats) -> FeatureTable:
    """Return the features of the second stage from *first*, the first stage's probability of each block."""
    chars = table.columns["chars"]
    columns = {name: table.columns[name] for name in SECOND_STAGE_COLUMNS}
    columns["first"] = first
    for step in (-4, -3, -2, -1, 1, 2, 3, 4):
        columns[f"first{step:+d}"] = shift(first, step)
    for title, group in table.groups.items():
        total = np.bincount(group, weights=chars * first)
        count = np.bincount(group, weights=chars)
        columns[f"{title}_others_first"] = (total[group] - chars * first) / np.maximum(count[group] - chars, 1)
        columns[f"{title}_mean_first"] = (np.bincount(group, weights=first) / np.bincount(group))[group]
    for width in (2, 5, 12):
        columns[f"first_within_{width}"] = sum_around(first * chars, width) / sum_around(chars, width)
    columns |= measure_span("first", first > 0.5, chars)
    columns |= measure_span("sure", (first > 0.8) & (chars > 80), chars)
    kept = (first * chars).sum()
    columns["page_first"] = np.full(len(chars), kept)
    columns["page_first_share"] = np.full(len(chars), kept / chars.sum())
    columns["page_doubt"] = np.full(len(chars), (np.minimum(first, 1 - first) * chars).sum() / max(kept, 1.0))
    return FeatureTable(columns, table.groups)
