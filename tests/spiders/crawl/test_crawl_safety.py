"""What a crawl process does not do: keep cookies, listen, or run out of files; and what its own say."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from scrapy.settings import Settings

import spiders.settings as defaults
from storage.model.limits import CrawlLimits
from storage.warc.reader import iter_records
from storage.warc.record import Warcinfo
from tests.spiders.crawling import Run, card, patched, task_of
from tests.spiders.press import Press, Reply, feed
from tests.warc_records import as_type

P = "http://paper.test"


def test_cookies_are_kept_by_nobody_and_stored_as_they_came(tmp_path: Path) -> None:
    with Press() as press:
        cookie = (("Set-Cookie", "session=1; Path=/"), ("Set-Cookie", "other=2"))
        press.put(f"{P}/feed", Reply(200, feed("/a", "/b").encode(), cookie))
        press.put(f"{P}/a", Reply(200, b"<p>a", cookie))
        press.put(f"{P}/b", "<p>b")
        run = Run(press, task_of(tmp_path, card())).wait()
        assert len(press.asked) == 5  # robots.txt and tdmrep.json too
        assert not any("cookie" in name.lower() for one in press.asked for name in one.headers)
    blocks = [record.block for record in run.records() if record.type == "response"]
    assert sum(b"Set-Cookie: session=1; Path=/\r\nSet-Cookie: other=2\r\n" in block for block in blocks) == 2


def test_nothing_listens_for_commands() -> None:
    settings = Settings()
    settings.setmodule(defaults)
    for name in ("TELNETCONSOLE_ENABLED", "REMOTE_CONTROL_ENABLED"):
        assert settings.getbool(name) is False


def _info(run: Run) -> dict[str, str]:
    (path,) = run.directory().glob("*.warc.gz")
    return dict(as_type(next(iter_records(path)), Warcinfo).block_fields())


def test_a_file_says_who_crawled_with_what_and_how(tmp_path: Path) -> None:
    with Press() as press:
        press.put(f"{P}/feed", feed("/a"))
        job: dict[str, Any] = {"operator": "The Archive", "software_version": "9", "software_commit": "c0ffee"}
        first = _info(Run(press, task_of(tmp_path / "1", card()), **job).wait())
        again = _info(Run(press, task_of(tmp_path / "2", card()), **job).wait())
        limits = CrawlLimits(max_body_bytes=1000)
        other = _info(Run(press, task_of(tmp_path / "3", card()), limits=limits, **job).wait())
        slower = _info(Run(press, task_of(tmp_path / "4", card(delay_seconds=0.02)), **job).wait())
    assert first["software"] == "hemeroteca/9 (commit c0ffee)"
    assert (first["version"], first["commit"]) == ("9", "c0ffee")
    assert (first["operator"], first["contact"], first["robots"]) == ("The Archive", "test@hemeroteca.test", "classic")
    assert len(first["settingsDigest"]) == len(hashlib.sha256().hexdigest())
    digests = [info["settingsDigest"] for info in (first, again, other, slower)]
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_many_newspapers_at_once_have_files_enough(tmp_path: Path) -> None:
    cards = [card(f"aa-paper{number}", f"paper{number}.test") for number in range(20)]
    few = "from resource import *; setrlimit(RLIMIT_NOFILE, (64, getrlimit(RLIMIT_NOFILE)[1]))"
    with Press() as press:
        for number in range(20):
            press.put(f"http://paper{number}.test/feed", feed("/a"))
            press.put(f"http://paper{number}.test/a", "<p>a")
        run = Run(press, *(task_of(tmp_path, one) for one in cards), environment=patched(tmp_path, few)).wait()
    assert all(run.tally(number)["captured"] >= 2 for number in range(20))
