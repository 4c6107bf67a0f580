"""Characters and phrases, counted for all lines of a page at once."""

from __future__ import annotations

from hemeroteca.extraction.block_model.character_counts import CharacterCounts
from hemeroteca.extraction.block_model.phrases import find_dated_lines, find_promo_words

LINES = ("Wow. It works! Yes?", "• 12 Ünder, 3", "a" * 200 + "B7", "x", "Ends here.", "𝟎 and 東京。")


def test_characters_are_counted_line_by_line() -> None:
    letters = CharacterCounts(LINES)
    assert letters.lengths.tolist() == [len(line) for line in LINES]
    assert letters.count("comma", "full_stop").tolist() == [0, 1, 0, 0, 0, 1]
    assert letters.count_pairs("stop", "space").tolist() == [2, 0, 0, 0, 0, 0]
    assert letters.count_in_beginning(200, "digit").tolist() == [0, 3, 0, 0, 0, 1]
    assert letters.count_in_beginning(200, "capital").tolist() == [3, 1, 0, 0, 1, 0]
    assert letters.begin_with("bullet").tolist() == [0, 1, 0, 0, 0, 0]
    assert letters.end_with("end").tolist() == [1, 0, 0, 0, 1, 1]


def test_a_line_has_within_only_what_stands_in_it_whole() -> None:
    lines = ("sign up to our newsletter", "afpx and xdpa", "seen by afp today", "an @ alone", "@name", "reuters", "no")
    assert find_promo_words(lines) == [True, False, True, False, True, True, False]


def test_a_line_is_dated_by_what_it_begins_with() -> None:
    lines = (
        "3 days ago",
        "Long ago",
        "agony",
        "x" * 118 + " 2026",
        "On 24.11.2026",
        "x" * 117 + "ago",
        "x" * 116 + " agony",
    )
    assert find_dated_lines(lines, [True] * len(lines)) == [True, True, False, False, True, False, True]
