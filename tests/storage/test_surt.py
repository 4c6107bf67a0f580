"""URL keys are those that CDX tools compare."""

from __future__ import annotations

from random import Random

import pytest

from storage.surt import urlkey
from tests.shared import CountCases, needs_shared, read_cases

STEPS = ("Canonicalizer.DefaultIA", "Canonicalizer.IA", "defaultIASurt", "googleSupplementalFromSurt", "massageHost")
"""Those of whole addresses; its step for octets that are no text differs from ours, which writes no raw octet."""


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("http://www.Example.com/A?b", "com,example)/a?b"),
        ("https://example.com:443/", "com,example)/"),
        ("http://example.com:8080/x/", "com,example:8080)/x"),
        ("http://example.com/a/../b//c?z=1&a=2", "com,example)/b/c?a=2&z=1"),
        ("http://example.com/%7Euser?", "com,example)/~user"),
        ("http://192.168.1.1/", "1,1,168,192)/"),
    ],
)
def test_a_key_is_the_reversed_host_and_the_plain_path(url: str, key: str) -> None:
    assert urlkey(url) == key


def test_a_fragment_is_no_part_of_an_address() -> None:
    assert urlkey("http://a.test/x#y#z") == urlkey("http://a.test/x")


@pytest.mark.parametrize("text", ["", ":", "http://", "\x00", "%", "http://[::1", "mailto:a@b", "\ud800"])
def test_no_text_is_too_odd_for_a_key(text: str) -> None:
    assert isinstance(urlkey(text), str)


def test_a_key_is_printable_ascii_without_spaces() -> None:
    random = Random(3)
    parts = [
        "http:",
        "mailto:",
        "//",
        "/",
        "a b",
        " ",
        "\t",
        "%20",
        "%",
        "ñ",
        "Ü.test",
        "#",
        "?",
        "&",
        ":8 0",
        "[",
        "\x85",
        "\u2028",
        "]",
        "@",
        "..",
    ]
    for _ in range(5000):
        url = "".join(random.choices(parts, k=random.randint(1, 8)))
        assert all("!" <= character <= "~" for character in urlkey(url)), url


@needs_shared
def test_keys_agree_with_the_internet_archives(count_cases: CountCases) -> None:
    cases = [row for row in read_cases("urls/surt") if not row["opts"]]
    count_cases("urls/surt", len(cases))
    assert [row for row in cases if urlkey(row["url"]) != row["surt"]] == []


@needs_shared
def test_keys_agree_with_those_of_real_indexes(count_cases: CountCases) -> None:
    """Where the line and the reference implementation differ, an old indexer wrote the line."""
    cases = read_cases("urls/cdx_pairs")
    count_cases("urls/cdx_pairs", len(cases))
    assert [row for row in cases if urlkey(row["url"]) not in (row["urlkey"], row["surt_0_3_1"])] == []


@needs_shared
def test_addresses_that_the_internet_archive_takes_for_one_have_one_key(count_cases: CountCases) -> None:
    cases = [row for row in read_cases("urls/surt_steps") if row["section"] in STEPS]
    for case in cases:
        expected = case["expected"] if case["section"] == "defaultIASurt" else urlkey(case["expected"])
        assert urlkey(case["input"]) == expected, case
    count_cases("urls/surt_steps", len(cases))
