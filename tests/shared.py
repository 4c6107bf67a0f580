"""Cases that we did not write: the folder that HEMEROTECA_SHARED names, by default ``shared`` beside the checkout.

A test that uses a suite counts its cases (the fixture ``count_cases``); pytest prints the counts at its end, and the
gate fails when a suite that is there was not counted.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.configuration import CHECKOUT

SHARED = Path(os.environ.get("HEMEROTECA_SHARED", CHECKOUT.parent / "shared"))
SUITES = SHARED / "suites"
RESPONSES = tuple(f"http-responses/{name}" for name in ("curl", "llhttp", "wpt_h1"))
CountCases = Callable[..., None]
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="no shared test data")


def read_cases(suite: str) -> list[dict[str, Any]]:
    """Read the cases of *suite*, which is named for its folder and file: ``robots/allow``."""
    return [json.loads(line) for line in (SUITES / f"{suite}.jsonl").read_text().split("\n") if line]
