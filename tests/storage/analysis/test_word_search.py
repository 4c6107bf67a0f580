"""A word is found in any case and whole, and within texts that have no spaces."""

from __future__ import annotations

import pytest

from storage.analysis.word_search import WordSearch


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("casa", "La Casa-Museo"),
        ("CASA", "l’casa."),
        ("straße", "IN DER STRASSE"),
        ("İstanbul", "i\u0307stanbul'da"),
        ("café", "Cafe\u0301 central"),
        ("ΟΔΟΣ", "η οδος"),
        ("prime minister", "the Prime\n Minister said"),
        ("a a", "xa a a"),
        ("covid", "Covid-19"),
        ("espagne", "d'Espagne"),
        ("c++", "in C++, too"),
        ("東京", "昨日東京で"),
        ("EU", "EU諸国は"),
        ("ไทย", "ประเทศไทยวันนี้"),
        ("대통령", "대통령은"),
        ("किताब", "यह किताब है"),
        ("٢٠٢٦", "عام ٢٠٢٦"),
    ],
)
def test_a_word_is_found(words: str, text: str) -> None:
    assert WordSearch(words).is_in(None, text)


@pytest.mark.parametrize(
    ("words", "text"),
    [
        ("casa", "casas, la_casa, micasa"),
        ("art", "Bart smart arts"),
        ("कित", "यह किताब है"),
        ("cafe", "café"),
        ("fe", "fe\u0301"),
        ("19", "2019"),
        ("prime minister", "prime time, minister"),
        ("casa", ""),
        ("東京", "東の京"),
    ],
)
def test_what_is_another_word_is_not_found(words: str, text: str) -> None:
    assert not WordSearch(words).is_in(text, None)


@pytest.mark.parametrize("blank", ["", " ", "\n\t\u2003"])
def test_a_blank_is_no_word(blank: str) -> None:
    with pytest.raises(ValueError):
        WordSearch(blank)
