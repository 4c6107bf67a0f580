"""One clean line from any string of a page."""

from __future__ import annotations

import pytest

from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, ""),
        ("  a\n\tb\u00a0c ", "a b c"),
        ("<p>Rock &amp;amp; roll</p>", "Rock & roll"),
        ("5 < 6 and 7 > 6", "5 < 6 and 7 > 6"),
        ("co\u00adoperate\u200b", "cooperate"),
        ("broken \ud83d", "broken \ufffd"),
        ("x" * 9_000, "x" * 2_000),
    ],
)
def test_a_line_has_no_markup_entities_or_odd_characters(text: str | None, expected: str) -> None:
    assert clean_line(text) == expected


def test_folding_leaves_what_two_spellings_share() -> None:
    assert fold_words("“ﬁne” – ＡＢＣ, d'accord!") == fold_words("fine ABC d’accord") == "fine abc d accord"
