"""A newspaper that is crawled twice by hand: the second time there is nothing to fetch, and nothing is wrong."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from storage.files import PRIVATE_FOLDER
from tests.cli.conftest import call
from tests.spiders.press import Press, feed

CARD = """
id: xx-paper
title: Paper
homepage: http://paper.test/
language: en
discoveries:
  - {kind: feed, url: 'http://paper.test/feed'}
delay_seconds: 0.01
allow_private: true
"""


def test_articles_that_are_not_due_are_told_and_not_called_red(tmp_path: Path, bucket: dict[str, str]) -> None:
    seeds = tmp_path / "home" / "seeds"
    seeds.mkdir(mode=PRIVATE_FOLDER, parents=True)
    (seeds / "xx-paper.yaml").write_text(CARD)
    with Press() as press:
        press.put("http://paper.test/feed", feed("/a", "/b"))
        for name in "ab":
            press.put(f"http://paper.test/{name}", f"<h1>{name}</h1>")
        settings = bucket | {"demo": "1", "connect_to": press.connect_to[0], "today": "2026-03-01"}
        crawl = partial(call, tmp_path / "home", "crawl", "--source", "xx-paper", **settings)
        first, again = crawl(), crawl()
        fresh = crawl("--fresh", "--json")
        press.put("http://paper.test/feed", feed("/gone"))
        nothing = crawl()
    assert (first.returncode, "Nothing new" in first.stderr) == (0, False), first.stderr
    assert again.returncode == 0, again.stderr
    told = "Nothing new: 2 articles are not due for another look yet; `hemeroteca --demo crawl --fresh …` asks for them"
    assert told in again.stderr
    assert (fresh.returncode, json.loads(fresh.stdout)["unchanged"]) == (0, 3), fresh.stdout  # both, and the feed
    assert nothing.returncode == 1
    assert "Red: no page was captured" in nothing.stderr + nothing.stdout
