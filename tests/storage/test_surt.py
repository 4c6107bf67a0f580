"""URL keys are those that CDX tools compare."""

from __future__ import annotations

import json
import os
from pathlib import Path

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


def test_keys_agree_with_the_internet_archives() -> None:
    file = SHARED / "suites/urls/surt.jsonl"
    if not file.exists():
        pytest.skip("no shared test data")
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    cases = [row for row in rows if not row["opts"]]
    print(f"suite urls/surt: {len(cases)} cases")
    wrong = [(row["url"], row["surt"], urlkey(row["url"])) for row in cases if urlkey(row["url"]) != row["surt"]]
    assert wrong == []
