"""Corrections of trafilatura's text: small ones stand, large ones where another witness agrees."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from hemeroteca.extraction.article import explain_page, extract_page
from hemeroteca.extraction.block_choice.block_selection import BlockSelection
from hemeroteca.extraction.block_choice.choice import correct
from hemeroteca.extraction.block_choice.corrections import LIST_REASON, STANDS_REASON, OwnText, rescue
from hemeroteca.extraction.block_model.block_features import measure_blocks
from hemeroteca.extraction.block_model.witnesses import Witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.metadata.title import Title
from hemeroteca.extraction.page.blocks import read_layout
from hemeroteca.extraction.page.tree import parse_page
from tests.extraction.pages import BODY, STANDFIRST, article, page

WORDS = ("Sailors", "wait", "in", "the", "outer", "harbour", "for", "tide", "while", "crews", "of", "nine", "play")
LINES = tuple(f"{' '.join(f'{word}{number}' for word in WORDS)}." for number in range(12))
WORDS_A_LINE = len(WORDS)
PAGE = "".join(f"<p>{line}</p>" for line in LINES)


def choose(kept: Sequence[str], trafilatura: Sequence[str], **others: Any) -> tuple[list[str], bool]:
    """Return the lines that stand where *kept* corrects *trafilatura*, and whether that is disputed."""
    selection, own = select(kept, trafilatura, **others)
    _, verdict = correct(selection, own, is_list=False)
    return list_kept(selection), verdict == STANDS_REASON


def select(
    kept: Sequence[str], trafilatura: Sequence[str], html: str = PAGE, **others: Any
) -> tuple[BlockSelection, OwnText]:
    """Return the choice of *kept* from a page of ``LINES``, which *others* say more of, and trafilatura's text."""
    tree = parse_page(page(html)).tree
    layout = read_layout(tree)
    nothing = Witnesses("", "", "", 0, Title(None, "none", []), (), (), (), frozenset())
    witnesses = nothing._replace(trafilatura="\n".join(trafilatura), **others)
    words = WordIndex([block.text for block in layout.blocks])
    own = OwnText(tree, witnesses.trafilatura, words, is_thorough=True)
    table = measure_blocks(layout, witnesses, words)
    scores = np.array([0.9 if block.text in kept else 0.1 for block in layout.blocks])
    return BlockSelection(layout, table, witnesses, scores, scores > 0.5), own


def list_kept(selection: BlockSelection) -> list[str]:
    return [block.text for block, kept in zip(selection.blocks, selection.kept, strict=True) if kept]


def test_a_small_correction_stands_without_a_witness() -> None:
    assert choose(LINES[:10], LINES) == (list(LINES[:10]), False)
    assert choose(LINES, LINES[:9]) == (list(LINES), False)


def test_trafilaturas_own_text_stands_where_a_large_correction_has_no_witness() -> None:
    assert choose(LINES[:6], LINES) == (list(LINES), True)
    assert choose(LINES, LINES[:6]) == (list(LINES[:6]), True)


@pytest.mark.parametrize(
    "witness",
    [
        {"resiliparse": "\n".join(LINES[:6])},
        {"json_ld_body": "\n".join(LINES[:6])},
        {"word_count": 6 * WORDS_A_LINE},
    ],
)
def test_a_large_loss_stands_where_another_witness_leaves_the_same_out(witness: dict[str, Any]) -> None:
    assert choose(LINES[:6], LINES, **witness) == (list(LINES[:6]), False)


@pytest.mark.parametrize(
    "witness",
    [{"resiliparse": "\n".join(LINES)}, {"json_ld_body": "\n".join(LINES)}, {"word_count": 12 * WORDS_A_LINE}],
)
def test_a_large_gain_stands_where_another_witness_has_it_too(witness: dict[str, Any]) -> None:
    assert choose(LINES, LINES[:6], **witness) == (list(LINES), False)


def test_a_witness_that_takes_what_is_dropped_agrees_with_nothing() -> None:
    assert choose(LINES[:6], LINES, resiliparse="\n".join(LINES)) == (list(LINES), True)
    assert choose(LINES[:6], LINES, resiliparse=LINES[11]) == (list(LINES), True)


def test_of_a_body_that_the_page_has_twice_trafilaturas_text_is_one() -> None:
    selection, own = select(LINES, LINES, f"<div>{PAGE}</div><div>{PAGE}</div>")
    assert np.flatnonzero(own.find_blocks(selection.table)).tolist() == [*range(len(LINES))]


def test_a_teaser_of_the_article_beside_it_is_no_part_of_the_text_that_stands() -> None:
    teaser = f"<ul><li>{' '.join(LINES[:3])}</li></ul>"
    assert choose(LINES[:6], LINES, html=f"{PAGE}{teaser}") == (list(LINES), True)


def test_the_standfirst_is_text_however_unlikely_the_model_finds_it() -> None:
    found = {"descriptions": (LINES[0],), "resiliparse": "\n".join(LINES)}
    assert choose(LINES[1:], LINES[1:], **found) == (list(LINES), False)


def test_where_nothing_is_left_another_witness_with_a_paragraph_is_taken() -> None:
    for witness in ({"resiliparse": "\n".join(LINES[:3])}, {"json_ld_body": "\n".join(LINES[:3])}):
        selection, _ = select((), (), **witness)
        decisions = list(rescue(selection))
        assert [(index, keep) for index, keep, _ in decisions] == [(0, True), (1, True), (2, True)]
    assert list(rescue(select((), ())[0])) == []


def test_a_document_counts_the_lines_that_differ_from_trafilaturas_text() -> None:
    found = extract_page(page(article(lead=STANDFIRST)))
    assert (found.lines_dropped, found.lines_added) == (1, 0)
    assert found.known["text"] == "trafilatura, 1 dropped, 0 added"
    headline, *rest = [one for one in explain_page(page(article())).blocks if one.in_trafilatura]
    assert (headline.kept, headline.path) == (False, "main > article > h1") and headline.reasons
    assert [one.text for one in rest] == list(BODY)


def test_trafilaturas_text_stands_where_nothing_of_it_would_be_left() -> None:
    assert choose((), LINES)[0] == list(LINES)


def test_a_disputed_page_has_trafilaturas_own_lines_is_flagged_less_trusted_and_says_what_decided() -> None:
    promos = "".join(f'<p>Read more: <a href="/{number}">{line}</a></p>' for number, line in enumerate(LINES))
    disputed = page(article().replace("</p>\n", f"</p>{promos}", 1))
    found = extract_page(disputed)
    assert "disputed" in found.quality_flags
    assert found.text.split("\n") == [BODY[0], *(f"Read more: {line}" for line in LINES), *BODY[1:]]
    assert found.known["text"] == "trafilatura, 1 dropped, 0 added"
    assert found.confidence is not None and found.confidence <= 0.5
    explanation = explain_page(disputed)
    assert explanation.disputed
    assert (f"rule: {STANDS_REASON}",) in {one.reasons for one in explanation.blocks}


def test_of_a_page_that_is_no_article_trafilaturas_own_text_stands() -> None:
    teasers = "".join(
        f'<div class="teaser"><h2><a href="/{number}">Ships wait {number}</a></h2><p>{LINES[number % 12]}</p></div>'
        for number in range(40)
    )
    listing = page(f"<html><body><main>{teasers}</main></body></html>", url="https://faro.hemeroteca.test/tag/ships/")
    found = extract_page(listing)
    assert "list_page" in found.quality_flags and "disputed" not in found.quality_flags
    assert (found.lines_dropped, found.lines_added) == (0, 0)
    assert f"rule: {LIST_REASON}" in {reason for one in explain_page(listing).blocks for reason in one.reasons}
