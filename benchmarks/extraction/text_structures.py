"""How many pages of the suite of structures are right: markup that extractors stumble over, a page for each kind."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.extraction.gold_pages import FETCHED, SHARED
from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.batch import build_result
from hemeroteca.extraction.page.served_page import Page
from storage.model.errors import NoMainTextError

SUITE = SHARED / "suites" / "text-structures"


def count_right_structures() -> int:
    """Print what is wrong of the pages, and return how many are right."""
    with tempfile.TemporaryDirectory() as place:
        results = Path(place) / "results.jsonl"
        results.write_text("".join(json.dumps(row) + "\n" for row in _extract_suite()))
        command = [sys.executable, str(SUITE / "judge.py"), str(SUITE), str(results)]
        said = subprocess.run(command, capture_output=True, text=True, check=False).stdout
    print(said)
    found = re.search(r"right (\d+)", said)
    return int(found[1]) if found else 0


def _extract_suite() -> Iterator[dict[str, Any]]:
    for case in map(json.loads, (SUITE / "cases.jsonl").read_text().splitlines()):
        body = (SUITE / "pages" / f"{case['id']}.html").read_bytes()
        page = Page(body, case.get("content_type") or "text/html", case["url"], FETCHED)
        try:
            yield build_result(case["id"], extract_page(page))
        except NoMainTextError as error:
            yield build_result(case["id"], error)
