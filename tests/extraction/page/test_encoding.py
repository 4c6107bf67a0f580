"""Encodings: what decides, and that a wrong label does not turn a text into mojibake."""

from __future__ import annotations

import base64
import re
import time
from collections import Counter

import pytest

from hemeroteca.extraction.page.encoding import decode_html, read_declared_charset
from hemeroteca.extraction.page.encoding_labels import ENCODINGS, decode_as, find_encoding
from hemeroteca.extraction.page.mojibake import MOJIBAKE_AT, measure_legibility, measure_mojibake
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
        (META.format("gb2312").encode() + "新闻联播今晚".encode("gb18030"), None, "gbk"),
        (META.format("Shift_JIS").encode() + "今日の新聞".encode("cp932"), "text/html", "shift_jis"),
        ("今日の新聞".encode("iso2022_jp"), 'text/html; charset="iso-2022-jp"', "iso-2022-jp"),
        (SPANISH.encode("utf-16"), None, "utf-16le"),
        (META.format("utf-16").encode() + SPANISH.encode(), None, "utf-8"),
        (b"<?xml version='1.0' encoding='windows-1250'?>" + "Zażółć".encode("cp1250"), None, "windows-1250"),
        (b"plain", None, "utf-8"),
        (b"", None, "utf-8"),
    ],
)
def test_a_page_is_read_by_its_mark_its_bytes_its_labels(body: bytes, content_type: str | None, expected: str) -> None:
    text, encoding, _ = decode_html(body, content_type)
    assert encoding == expected
    assert "\ufffd" not in text
    assert not any(sign in text for sign in ("Ã", "Â", "Ð"))


def test_a_few_bad_bytes_do_not_change_the_encoding_of_a_page() -> None:
    text, encoding, _ = decode_html((SPANISH * 5).encode() + b" \xff end", "text/html; charset=utf-8")
    assert encoding == "utf-8"
    assert text == SPANISH * 5 + " \ufffd end"


@pytest.mark.parametrize("content_type", [None, "text/html; charset=iso-8859-1", "text/html; charset=koi8-r"])
def test_a_character_cut_by_the_editors_software_does_not_make_mojibake_of_utf_8(content_type: str | None) -> None:
    cut = SPANISH.encode()[:6]
    assert decode_html(cut + b" " + (SPANISH * 3).encode(), content_type)[:2] == ("El ni\ufffd " + SPANISH * 3, "utf-8")


def test_the_header_wins_over_the_meta() -> None:
    body = META.format("koi8-r").encode() + "Привет, мир".encode("cp1251")
    assert decode_html(body, "text/html; charset=windows-1251")[1] == "windows-1251"


def test_a_commented_meta_declares_nothing() -> None:
    assert read_declared_charset(b"<!-- <meta charset=koi8-r> --><meta name=x><meta charset=cp1251>") == "cp1251"


WORDS = {
    "windows-1250": "Radní řekli, že východní molo bude znovu postaveno; práce potrvají čtrnáct měsíců",
    "iso-8859-2": "Zażółć gęślą jaźń, powiedział burmistrz; źle się działo w mieście nad rzeką",
    "windows-1251": "Портовый совет восстановит восточный пирс, закрытый после бури",
    "koi8-r": "Портовый совет восстановит восточный пирс, закрытый после бури",
    "koi8-u": "Рада порту відбудує східний пірс, який зачинили після бурі; її ґанок цілий",
    "ibm866": "Портовый совет восстановит восточный пирс, закрытый после бури",
    "iso-8859-5": "Портовый совет восстановит восточный пирс, закрытый после бури",
    "x-mac-cyrillic": "Портовый совет восстановит восточный пирс, закрытый после бури",
    "windows-1253": "Το συμβούλιο του λιμανιού θα ξαναχτίσει την ανατολική προβλήτα",
    "windows-1254": "Liman kurulu doğu iskelesini yeniden yapacak; ışıkları fırtınada düştü, yenisi asılacak",
    "windows-1255": "מועצת הנמל תבנה מחדש את המזח המזרחי שנסגר אחרי הסערה",
    "windows-1256": "مجلس الميناء يقرر إعادة بناء الرصيف الشرقي المغلق منذ العاصفة",
    "windows-1257": "Uosto taryba atstatys rytinį molą, kuris uždarytas nuo praėjusių metų audros; žvejai grįžta",
    "windows-874": "คณะกรรมการท่าเรือจะสร้างสะพานปลาฝั่งตะวันออกใหม่",
    "shift_jis": "港湾委員会、東桟橋を再建へ。工事は四月に始まり、十四か月かかる見通しだ。",
    "euc-jp": "港湾委員会、東桟橋を再建へ。工事は四月に始まり、十四か月かかる見通しだ。",
    "euc-kr": "항만위원회, 동쪽 부두 다시 짓기로. 공사는 사월에 시작한다.",
    "gbk": "港务局决定重建东码头，该码头自两年前冬天的风暴冲走灯具以来一直关闭。",
    "big5": "港務局決定重建東碼頭，該碼頭自兩年前冬天的風暴沖走燈具以來一直關閉。",
    "iso-2022-jp": "港湾委員会、東桟橋を再建へ。工事は四月に始まる。",
}
"""Of each encoding that newspapers used, a sentence."""

_PYTHON = {
    "gbk": "gb18030", "windows-874": "cp874", "windows-949": "cp949", "x-mac-cyrillic": "mac_cyrillic",
    "shift_jis": "cp932",
}  # fmt: skip
LANGUAGES = {
    "windows-1250": "cs", "iso-8859-2": "pl", "koi8-u": "uk", "windows-1253": "el", "windows-1254": "tr",
    "windows-1255": "he", "windows-1256": "ar", "windows-1257": "lt", "windows-874": "th", "shift_jis": "ja",
    "euc-jp": "ja", "euc-kr": "ko", "gbk": "zh", "big5": "zh", "iso-2022-jp": "ja",
}  # fmt: skip


def written(name: str) -> bytes:
    return WORDS[name].encode(_PYTHON.get(name, name))


def test_every_label_of_the_web_names_an_encoding_that_is_read() -> None:
    assert (len(ENCODINGS), len(set(ENCODINGS.values()))) == (228, 40)
    for label, name in ENCODINGS.items():
        assert find_encoding(f" {label.upper()}\n") == name
        assert decode_as(b"plain", name) == ("\ufffd" if name == "replacement" else decode_as(b"plain", name))
        if name in WORDS:
            text, encoding, guessed = decode_html(META.format(label).encode() + written(name), "text/html")
            assert (text.removeprefix(META.format(label)), encoding, guessed) == (WORDS[name], name, False)


@pytest.mark.parametrize(
    ("label", "name"),
    [
        ("x-cp1251", "windows-1251"),
        ("windows-31j", "shift_jis"),
        ("ms932", "shift_jis"),
        ("iso-8859-8-i", "iso-8859-8-i"),
        ("logical", "iso-8859-8-i"),
        ("ks_c_5601-1987", "euc-kr"),
        ("koi8-ru", "koi8-u"),
        ("x-mac-ukrainian", "x-mac-cyrillic"),
        ("tis-620", "windows-874"),
        ("gb_2312-80", "gbk"),
        ("big5-hkscs", "big5"),
        ("latin1", "windows-1252"),
        ("latin5", "windows-1254"),
        ("hz-gb-2312", "replacement"),
        ("unicode", "utf-16le"),
        ("win-1251", None),
        ("utf8mb4", None),
        ("", None),
        (None, None),
    ],
)
def test_a_label_means_what_browsers_take_it_for(label: str | None, name: str | None) -> None:
    assert find_encoding(label) == name


@pytest.mark.parametrize(
    ("name", "body", "text"),
    [
        ("shift_jis", b"\x87\x40\x87\x8a\x81\x60\xfa\x40", "①㈱～ⅰ"),
        ("euc-jp", b"\xad\xa1\xad\xea\xa1\xc1\x8e\xb1\x8f\xb0\xa1\xff", "①㈱～ｱ丂\ufffd"),
        ("iso-2022-jp", b"a\x1b$B-!-j\x1b(I1\x1b(Jb\x1b$(D0!\x1b(Bc", "a①㈱ｱb丂c"),
        ("euc-kr", b"\xb0\xa1\x8c\x63", "가똠"),
        ("gbk", b"\x80\xb0\xa1\x81\x30\x84\x36", "€啊¥"),
        ("big5", b"\xa4\xa4\x88\x62\xf9\xd6\xa1\x45", "中Ê̄碁‧"),
        ("koi8-u", b"\xae\xbe\xa4", "ўЎє"),
        ("x-mac-cyrillic", b"\xa2\xb6\xff\x80", "Ґґ€А"),
        ("macintosh", b"\xdb\x8a", "€ä"),
        ("iso-8859-16", b"\xa4\xaa\xde", "€ȘȚ"),
        ("iso-8859-8-i", b"\xe0\xfa", "את"),
        ("windows-874", b"\x80\xa1", "€ก"),
        ("x-user-defined", b"a\x80\xff", "a\uf780\uf7ff"),
        ("replacement", b"anything", "\ufffd"),
        ("replacement", b"", ""),
    ],
)
def test_what_pythons_codecs_lack_or_do_otherwise_is_read_as_browsers_do(name: str, body: bytes, text: str) -> None:
    assert decode_as(body, name) == text


def test_what_browsers_refuse_is_read_all_the_same() -> None:
    text, encoding, _ = decode_html("港务局决定".encode("hz"), "text/html; charset=hz-gb-2312")
    assert (text, encoding) == ("港务局决定", "replacement")


def test_utf_16_is_known_without_a_mark() -> None:
    html = "<html><body>" + SPANISH
    assert decode_html(html.encode("utf-16-be"), "text/html") == (html, "utf-16be", True)
    assert decode_html(html.encode("utf-16-le"), "text/html; charset=utf-16") == (html, "utf-16le", True)
    assert decode_html(b"plain", "text/html; charset=utf-16")[:2] == ("plain", "utf-8")


WESTERN = ("windows-1250", "windows-1254", "windows-1257")
"""With words of Western letters alone, which a header of ISO-8859-1 fits."""
CLAIMS = [
    (claim, name)
    for claim in ("", "declares a wrong one", "header is the server's", "names its language")
    for name in WORDS
    if claim != "header is the server's" or name not in WESTERN
]


@pytest.mark.parametrize(("claim", "name"), CLAIMS)
def test_an_encoding_that_nothing_or_a_false_label_names_is_guessed(claim: str, name: str) -> None:
    head = '<meta charset="utf8mb4">' if claim == "declares a wrong one" else ""
    language = f' lang="{LANGUAGES.get(name, "ru")}"' if claim == "names its language" else ""
    start = f"<html{language}><head>{head}</head><body><p>"
    header = "text/html; charset=ISO-8859-1" if claim == "header is the server's" else "text/html"
    text, _, guessed = decode_html(start.encode() + written(name), header)
    assert (text.removeprefix(start), guessed) == (WORDS[name], True)


@pytest.mark.parametrize("body", [SPANISH, "Ärger „Öl“, Übermut: naïve Ænder på Ø", "it´s 5×5 °C — “so”… l·l nº 1ª"])
def test_western_text_without_a_label_is_windows_1252(body: str) -> None:
    assert decode_html(b"<html><p>" + body.encode("cp1252"), None) == ("<html><p>" + body, "windows-1252", True)


def test_what_is_declared_or_utf_8_is_no_guess() -> None:
    assert not decode_html(SPANISH.encode(), None).guessed
    assert not decode_html(b"plain", None).guessed
    assert not decode_html(SPANISH.encode("cp1252"), "text/html; charset=latin1").guessed


@pytest.mark.parametrize(
    "name", sorted(set(WORDS) - {"windows-1250", "iso-8859-2", "windows-1254", "windows-1257", "iso-2022-jp"})
)
def test_mojibake_is_told_from_words(name: str) -> None:
    assert measure_mojibake(WORDS[name]) == 0
    assert measure_mojibake(written(name).decode("cp1252", "replace")) > MOJIBAKE_AT
    assert measure_legibility(WORDS[name]) == 1
    assert measure_legibility(written(name).decode("cp1252", "replace")) < 0.7
    assert measure_legibility(WORDS[name].encode().decode("cp1252", "replace")) < 0.7


@pytest.mark.parametrize("unit", [b"\xff", b"<\xff", b"\x80\x81", b"\x1b$B", b"\x8f\xa1", b"\xc4"])
@pytest.mark.parametrize("name", ["", "euc-jp", "gbk", "iso-2022-jp", "x-user-defined", "windows-1251"])
def test_the_worst_bytes_take_time_in_proportion(unit: bytes, name: str) -> None:
    """Twice as many may take thrice the time, on a machine that does other things too."""
    seconds = []
    for count in (100_000, 200_000):
        body = unit * (count // len(unit)) + b"\xff"
        start = time.process_time()
        decode_html(body, f"text/html; charset={name}")
        seconds.append(time.process_time() - start)
    assert seconds[1] < 3 * seconds[0] + 0.2


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
def test_the_suites_texts_are_read_right_with_and_without_a_label(count_cases: CountCases) -> None:
    """Japanese and Chinese differ from Python's codecs in signs alone, such as the wave dash."""
    cases = read_cases("encodings/chardet_files")
    unlabelled = labelled = 0
    for case in cases:
        body = (SUITES / "encodings" / case["file"]).read_bytes()
        name = re.sub(r"-[a-z]{5,}$", "", case["encoding"])  # some are named with their language
        expected = body.decode(name, "replace")
        text = decode_html(body, None).text
        unlabelled += text == expected
        if name.lower() in ("utf-8", "utf-8-sig", "ascii", "windows-1252", "iso-8859-1"):
            assert text == expected, case["file"]
        text = decode_html(body, f"text/html; charset={name}").text
        labelled += text == expected
        if find_encoding(name):
            other = (Counter(expected) - Counter(text)).total()
            assert other <= len(text) / 50, case["file"]  # signs of the larger encoding that the web means by a name
    right = f"{unlabelled} right without a label, {labelled} with theirs"
    count_cases("encodings/chardet_files", len(cases), right)
    assert unlabelled >= len(cases) * 0.8
    assert labelled >= len(cases) * 0.8
