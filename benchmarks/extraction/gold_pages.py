"""The shared pages of ``eval`` with their gold text and fold."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from hemeroteca.configuration import CHECKOUT
from hemeroteca.extraction.block_model.host_folds import find_fold
from hemeroteca.extraction.page.served_page import Page

SHARED = Path(os.environ.get("HEMEROTECA_SHARED", CHECKOUT.parent / "shared"))
EVAL = SHARED / "eval"
FETCHED = datetime(2026, 11, 24, tzinfo=UTC)
NEWS = ("aeb", "fundus_eval", "fundus_tests", "wcxb")

_FREE = ("MIT", "Apache-2.0", "BSD", "CC0", "CC-BY-4.0")
_LICENCE_OF = {"wcxb_articles": "wcxb", "wcxb_other": "wcxb"}


class GoldPage(NamedTuple):
    """One page of ``eval``. ``text`` is None where the gold has only snippets."""

    id: str
    set: str
    host: str
    fold: int
    page: Page
    text: str | None


def read_gold_pages() -> Iterator[GoldPage]:
    """Yield the pages of ``eval`` in the order of its manifest."""
    for row in map(json.loads, (EVAL / "manifest.jsonl").read_text().splitlines()):
        page = Page(gzip.decompress((EVAL / row["html"]).read_bytes()), "text/html", row["url"], FETCHED)
        gold: dict[str, Any] = json.loads((EVAL / row["gold"]).read_text())
        host = row["host"] or row["id"]
        text = gold["text"] if row["has_text"] else None
        yield GoldPage(row["id"], row["set"], host, find_fold(host), page, text)


def is_free_to_train_on(set_name: str) -> bool:
    """Say whether the licence of a set's annotations allows training a model on them and passing it on."""
    licences = json.loads((EVAL / "licences.json").read_text())
    licence: str = licences[_LICENCE_OF.get(set_name, set_name)]["licence"]
    return licence.startswith(_FREE)
