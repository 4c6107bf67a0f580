"""URL keys are those that CDX tools compare."""

from __future__ import annotations

import json
import os
from pathlib import Path
from random import Random
from typing import Any

import pytest

from storage.surt import urlkey, without_fragment

SHARED = Path(os.environ.get("HEMEROTECA_SHARED", Path(__file__).parents[3] / "shared"))


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
    assert without_fragment("http://a.test/x#y#z") == "http://a.test/x"
    assert urlkey("http://a.test/x#y") == urlkey("http://a.test/x")


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


def suite(name: str) -> list[dict[str, Any]]:
    file = SHARED / "suites/urls" / name
    if not file.exists():
        pytest.skip("no shared test data")
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_keys_agree_with_the_internet_archives() -> None:
    cases = [row for row in suite("surt.jsonl") if not row["opts"]]
    print(f"suite urls/surt: {len(cases)} cases")
    assert [row for row in cases if urlkey(row["url"]) != row["surt"]] == []


def test_keys_agree_with_those_of_real_indexes() -> None:
    """Where the line and the reference implementation differ, an old indexer wrote the line."""
    cases = suite("cdx_pairs.jsonl")
    print(f"suite urls/cdx_pairs: {len(cases)} cases")
    assert [row for row in cases if urlkey(row["url"]) not in (row["urlkey"], row["surt_0_3_1"])] == []
