"""--quiet leaves the answer and errors, and nothing has colour."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.pseudo_terminal import run_in_terminal
from tests.spiders.press import Press, feed
from tests.storage.committed import HOME, Committed, DraftCrawl


def test_progress_and_advice_are_kept_back_and_the_answer_is_not(
    hemeroteca: Run, bucket: dict[str, str], home: Path
) -> None:
    with Press() as press:
        press.put("http://www.paper.test/", '<html lang="en"><title>Paper</title><a href="/rss">RSS</a>')
        press.put("http://www.paper.test/rss", feed("/2026/11/30/a-page-of-the-paper"))
        press.put("http://www.paper.test/2026/11/30/a-page-of-the-paper", "<html><p>Words</p></html>")
        settings = bucket | {"demo": "1", "connect_to": press.connect_to[0]}
        said = hemeroteca("--quiet", "sources", "add", "http://www.paper.test/", **settings)
        assert (said.returncode, said.stderr) == (0, "") and "id: paper" in said.stdout
        said = hemeroteca("--quiet", "sources", "enable", "paper", **settings)
        assert (said.returncode, said.stderr) == (0, "") and "paper is enabled" in said.stdout
        loud = hemeroteca("crawl", "--source", "paper", **settings)
        assert "Try next:" in loud.stdout and "paper: " in loud.stderr
        quiet = hemeroteca("--quiet", "crawl", "--fresh", "--source", "paper", **settings)
        assert quiet.returncode == 0, quiet.stderr
        assert quiet.stderr == "" and "Try next:" not in quiet.stdout and quiet.stdout.startswith("source ")


def test_errors_are_told_all_the_same(hemeroteca: Run) -> None:
    assert "there is no archive yet" in hemeroteca("--quiet", "status").stderr
    assert hemeroteca("--quiet", "sources", "enable", "xx-none").returncode == 2
    assert "xx-none" in hemeroteca("--quiet", "sources", "enable", "xx-none").stderr


@pytest.mark.parametrize("settings", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_nothing_has_colour(
    home: Path,
    bucket: dict[str, str],
    publish: Callable[[Committed], None],
    settings: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    night = DraftCrawl(1)
    night.captured(f"{HOME}a", "A")
    publish(night.committed())
    for arguments in (("status",), ("sources", "list"), ("--help",), ("status", "--nigth"), ("doctor", "--json", "x")):
        _, lines = run_in_terminal(home, 80, *arguments, **bucket)
        assert lines and not [line for line in lines if "\x1b" in line], arguments
