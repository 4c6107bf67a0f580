"""Lines that the model is in doubt of amid the articles of news pages."""

from __future__ import annotations

import numpy as np
import pytest

from hemeroteca.extraction.block_choice.block_selection import BlockSelection, Rule
from hemeroteca.extraction.block_choice.doubtful_lines import (
    drop_doubted_lines,
    drop_linked_items,
    drop_other_markup,
    drop_placeholders,
)
from hemeroteca.extraction.block_choice.picture_lines import drop_captions
from hemeroteca.extraction.block_choice.rules import keep_standfirst
from hemeroteca.extraction.block_model.block_features import measure_blocks
from hemeroteca.extraction.block_model.witnesses import Witnesses
from hemeroteca.extraction.block_model.word_index import WordIndex
from hemeroteca.extraction.metadata.title import Title
from hemeroteca.extraction.page.blocks import read_layout
from hemeroteca.extraction.page.tree import parse_page
from tests.extraction.pages import BODY, HEADLINE, STANDFIRST, page

NEWS = frozenset({"newsarticle"})
LINK = "<li>Trade: <a href='/b'>Ships wait for the tide in the outer harbour</a></li>"


def select(line: str, score: float, types: frozenset[str] = NEWS, description: str = "") -> BlockSelection:
    """Return the choice of *line*, which the model gives *score*, between two paragraphs that it is sure of."""
    tree = parse_page(page(f"<h1>{HEADLINE}</h1><p>{BODY[0]}</p>{line}<p>{BODY[1]}</p>")).tree
    layout = read_layout(tree)
    nothing = Witnesses("\n".join(BODY[:2]), "", "", 0, Title(HEADLINE, "h1", []), (HEADLINE,), (), (), types)
    witnesses = nothing._replace(descriptions=(description,) if description else ())
    table = measure_blocks(layout, witnesses, WordIndex([block.text for block in layout.blocks]))
    scores = np.array([{HEADLINE: 0.01, BODY[0]: 0.99, BODY[1]: 0.99}.get(one.text, score) for one in layout.blocks])
    return BlockSelection(layout, table, witnesses, scores, scores > 0.5)


def drops(rule: Rule, line: str, score: float, types: frozenset[str] = NEWS) -> bool:
    decisions = list(rule(select(line, score, types)))
    assert {index for index, keep, _ in decisions if not keep} == {index for index, *_ in decisions} <= {2}
    return bool(decisions)


def test_a_short_line_of_a_news_page_that_the_model_doubts_amid_sure_paragraphs_is_no_text() -> None:
    assert drops(drop_doubted_lines, "<p>Advertisement</p>", 0.6)
    assert not drops(drop_doubted_lines, "<p>Advertisement</p>", 0.8)
    assert not drops(drop_doubted_lines, "<h2>The crane</h2>", 0.6)
    for line in (f"<p>{BODY[2]}</p>", "<p>£100, Mill Lane</p>", "<p>With code:</p>", "<pre>print(1)</pre>"):
        assert not drops(drop_doubted_lines, line, 0.6)
    assert not drops(drop_doubted_lines, "".join(f"<p>Sack number {'I' * number}</p>" for number in range(1, 5)), 0.6)
    assert not drops(drop_doubted_lines, "<p>Advertisement</p>", 0.6, frozenset({"blogposting"}))


def test_a_paragraph_added_to_a_news_page_is_of_a_markup_that_trafilatura_takes_something_of() -> None:
    assert drops(drop_other_markup, f'<div class="profile">{BODY[2]}</div>', 0.9)
    assert not drops(drop_other_markup, f"<p>{BODY[2]}</p>", 0.9)
    assert not drops(drop_other_markup, f'<div class="profile">{BODY[2]}</div>', 0.9, frozenset())


def test_an_item_that_is_mostly_a_link_is_no_text_of_a_news_page() -> None:
    assert drops(drop_linked_items, f"<ul>{LINK}</ul>", 0.9)
    assert not drops(drop_linked_items, f"<ul>{LINK}</ul>", 0.9, frozenset())
    assert not drops(drop_linked_items, "<ul><li>Nine ships wait for the <a href='/b'>tide</a>.</li></ul>", 0.9)


@pytest.mark.parametrize(
    "line",
    [
        "An dieser Stelle finden Sie einen von unseren Redakteuren ausgewählten, externen Inhalt.",
        "Empfohlener redaktioneller Inhalt",
        "Ich bin damit einverstanden, dass mir externe Inhalte angezeigt werden.",
        "To view this content, please accept cookies.",
        "This article contains content provided by Instagram. We ask for your permission before anything is loaded.",
        "Ce contenu est bloqué car vous n'avez pas accepté les cookies.",
    ],
)
def test_what_stands_in_place_of_embedded_content_is_no_text(line: str) -> None:
    assert drops(drop_placeholders, f"<p>{line}</p>", 0.9)
    assert not drops(drop_placeholders, "<p>The baker said that this content of his oven is what counts.</p>", 0.9)


def test_a_line_below_a_picture_with_a_class_for_captions_is_a_caption() -> None:
    picture = '<p><img src="/a.jpg"></p>'
    assert drops(drop_captions, f'{picture}<p class="wp-caption-text">The yellow crane on the quay.</p>', 0.9)
    assert not drops(drop_captions, f'{picture}<h2 class="photo-title">The yellow crane on the quay</h2>', 0.9)
    assert not drops(drop_captions, '<p class="wp-caption-text">The yellow crane on the quay.</p>', 0.9)


def test_a_line_below_the_headline_that_is_the_description_but_for_a_word_is_the_standfirst() -> None:
    long = f"{STANDFIRST} The mayor came, the baker came, and the band of the fire brigade played until the evening."
    for line, found in ((f"Faro. {long}", [1]), ("Faro. The mayor was not there to see it, nor was anybody else.", [])):
        selection = select("", 0.5, description=long)
        html = f"<h1>{HEADLINE}</h1><div>{line}</div><p>{BODY[0]}</p><p>{BODY[1]}</p>"
        layout = read_layout(parse_page(page(html)).tree)
        table = measure_blocks(layout, selection.witnesses, WordIndex([block.text for block in layout.blocks]))
        scores = np.array([0.01, 0.01, 0.99, 0.99])
        other = BlockSelection(layout, table, selection.witnesses, scores, scores > 0.5)
        assert [index for index, *_ in keep_standfirst(other)] == found
