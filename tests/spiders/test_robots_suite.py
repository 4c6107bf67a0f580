"""Rules for robots.txt that nobody here wrote: Google's parser and tests, Protego's tests, real files."""

from __future__ import annotations

import base64
import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from spiders import robots
from spiders.robots import read_rules

SUITE = Path(os.environ.get("HEMEROTECA_SHARED", "../shared")) / "suites" / "robots"
pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason="no shared test data")

# where a foreign test and RFC 9309 differ, we keep to the RFC
_OTHERWISE = {
    "google-066",  # 2.2.2: %62%61%7A is baz; Google's parser compares octets as they stand
    *("protego-259", "protego-260", "protego-261"),  # 2.2.4: an unknown record does not part two user-agent lines
    "protego-272",  # 2.2.1: no wildcard in a product token
    *("protego-344", "protego-345", "protego-347", "protego-348"),  # 2.2.1: nor is a prefix a match
}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (SUITE / name).open()]


def allows(body: bytes, agent: str, url: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(robots, "PRODUCT_TOKEN", re.match("[A-Za-z_-]*", agent)[0])
    return read_rules(body).refuse(url) is None


def test_rules_are_read_as_the_rfc_has_them(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = []
    cases = [row for row in rows("allow.jsonl") if not row.get("google_only") and not row.get("contested")]
    for row in cases:
        body = base64.b64decode(row["robots_txt_b64"]) if "robots_txt_b64" in row else row["robots_txt"].encode()
        if allows(body, row["user_agent"], row["url"], monkeypatch) != row["allowed"]:
            wrong.append(row["id"])
    print(f"suite robots/allow: {len(cases)} cases")
    assert set(wrong) == _OTHERWISE


def test_real_files_are_read_as_google_reads_them(monkeypatch: pytest.MonkeyPatch) -> None:
    cases = rows("real_allow.jsonl")
    read: dict[tuple[str, str], robots.Rules] = {}
    wrong = []
    for row in cases:
        monkeypatch.setattr(robots, "PRODUCT_TOKEN", row["user_agent"])
        key = row["file"], row["user_agent"]
        if key not in read:
            read[key] = read_rules((SUITE / row["file"]).read_bytes())
        if (read[key].refuse(row["url"]) is None) != row["allowed"]:
            wrong.append(row)
    print(f"suite robots/real_allow: {len(cases)} cases")
    assert wrong == []
