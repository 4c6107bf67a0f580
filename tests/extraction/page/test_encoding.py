"""Encodings: what decides, and that a wrong label does not turn a text into mojibake."""

from __future__ import annotations

import base64
import re

import pytest

from hemeroteca.extraction.page.encoding import decode_html, find_encoding, read_declared_charset
from tests.shared import SUITES, CountCases, needs_shared, read_cases

SPANISH = "El niño cruzó el año señalado: «¿qué más?»"
META = '<meta charset="{}">'
IN_A_QUOTED_ATTRIBUTE = {"html5lib-tests1.dat-34", "html5lib-tests1.dat-35"}
"""A meta within another tag's value: we look for tags, we do not parse."""


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (SPANISH.encode(), None, "utf-8"),
        (b"\xef\xbb\xbf" + SPANISH.encode(), "text/html; charset=iso-8859-1", "utf-8"),
        (SPANISH.encode(), "text/html; charset=ISO-8859-1", "utf-8"),
        (META.format("windows-1252").encode() + SPANISH.encode(), None, "utf-8"),
        (SPANISH.encode()[:-1], None, "utf-8"),
        (SPANISH.encode("cp1252"), None, "windows-1252"),
        (SPANISH.encode("cp1252"), "text/html; charset=latin1", "windows-1252"),
        (SPANISH.encode("cp1252"), "text/html; charset=utf-8", "windows-1252"),
        (SPANISH.encode("cp1252"), "text/html; charset=nonsense", "windows-1252"),
        (SPANISH.encode("cp1252"), "text/html; charset=unicode_escape", "windows-1252"),
        ("Привет, мир и труд".encode("cp1251"), "text/html; charset=windows-1251", "windows-1251"),
        (META.format("koi8-r").encode() + "Привет, мир".encode("koi8-r"), None, "koi8-r"),
        (META.format("gb2312").encode() + "新闻联播今晚".encode("gb18030"), None, "gb18030"),
        (META.format("Shift_JIS").encode() + "今日の新聞".encode("cp932"), "text/html", "shift_jis"),
        ("今日の新聞".encode("iso2022_jp"), 'text/html; charset="iso-2022-jp"', "iso2022_jp"),
        (SPANISH.encode("utf-16"), None, "utf-16-le"),
        (META.format("utf-16").encode() + SPANISH.encode(), None, "utf-8"),
        (b"<?xml version='1.0' encoding='windows-1250'?>" + "Zażółć".encode("cp1250"), None, "windows-1250"),
        (b"plain", None, "utf-8"),
        (b"", None, "utf-8"),
    ],
)
def test_a_page_is_read_by_its_mark_its_bytes_its_labels(body: bytes, content_type: str | None, expected: str) -> None:
    text, encoding = decode_html(body, content_type)
    assert encoding == expected
    assert "\ufffd" not in text
    assert not any(sign in text for sign in ("Ã", "Â", "Ð"))


def test_a_few_bad_bytes_do_not_change_the_encoding_of_a_page() -> None:
    text, encoding = decode_html((SPANISH * 5).encode() + b" \xff end", "text/html; charset=utf-8")
    assert encoding == "utf-8"
    assert text == SPANISH * 5 + " \ufffd end"


@pytest.mark.parametrize("content_type", [None, "text/html; charset=iso-8859-1", "text/html; charset=koi8-r"])
def test_a_character_cut_by_the_editors_software_does_not_make_mojibake_of_utf_8(content_type: str | None) -> None:
    cut = SPANISH.encode()[:6]
    assert decode_html(cut + b" " + (SPANISH * 3).encode(), content_type) == ("El ni\ufffd " + SPANISH * 3, "utf-8")


def test_the_header_wins_over_the_meta() -> None:
    body = META.format("koi8-r").encode() + "Привет, мир".encode("cp1251")
    assert decode_html(body, "text/html; charset=windows-1251")[1] == "windows-1251"


def test_a_commented_meta_declares_nothing() -> None:
    assert read_declared_charset(b"<!-- <meta charset=koi8-r> --><meta name=x><meta charset=cp1251>") == "cp1251"


@needs_shared
def test_the_suites_declarations_are_found(count_cases: CountCases) -> None:
    cases = read_cases("encodings/html5lib_prescan")
    wrong = set()
    for case in cases:
        body = base64.b64decode(case["html_b64"])
        found = "utf-8" if body.startswith(b"\xef\xbb\xbf") else find_encoding(read_declared_charset(body))
        if (found or "windows-1252") != find_encoding(case["encoding"]):
            wrong.add(case["id"])
    count_cases("encodings/html5lib_prescan", len(cases), f"{len(cases) - len(wrong)} right")
    assert wrong == IN_A_QUOTED_ATTRIBUTE


@needs_shared
def test_the_suites_texts_are_read_right_where_a_label_or_their_bytes_say_how(
    count_cases: CountCases,
) -> None:
    """The old encoding of an unlabelled text is not guessed: of those texts only windows-1252 is read right."""
    cases = read_cases("encodings/chardet_files")
    unlabelled = labelled = 0
    for case in cases:
        body = (SUITES / "encodings" / case["file"]).read_bytes()
        name = re.sub(r"-[a-z]{5,}$", "", case["encoding"])  # some are named with their language
        expected = body.decode(name, "replace")
        text, _ = decode_html(body, None)
        unlabelled += text == expected
        if name.lower() in ("utf-8", "utf-8-sig", "ascii", "windows-1252", "iso-8859-1"):
            assert text == expected, case["file"]
        text, _ = decode_html(body, f"text/html; charset={name}")
        labelled += text == expected
        if find_encoding(name):
            other = sum(one != another for one, another in zip(text, expected, strict=True))
            assert other <= len(text) / 50, case["file"]  # signs of the larger encoding that the web means by a name
    right = f"{unlabelled} right without a label, {labelled} with theirs"
    count_cases("encodings/chardet_files", len(cases), right)
    assert unlabelled >= len(cases) / 3
    assert labelled >= len(cases) * 0.85
