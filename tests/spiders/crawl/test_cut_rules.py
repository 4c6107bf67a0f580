"""A robots.txt that is cut: its status says whether there are rules, and those that came hold."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import feed
from tests.spiders.raw_origin import RawOrigin, reply, reply_and_close
from tests.spiders.wire.test_handler import counted

P = "http://paper.test"


class _Served(NamedTuple):
    connect_to: tuple[str, ...]


@pytest.mark.parametrize(
    ("status", "rules", "feed_end", "private_end"),
    [
        ("200 OK", b"User-agent: *\nDisallow: /private\n", "captured", "refused robots"),
        ("404 Not Found", b"nobody", "captured", "failed http_404"),
        ("200 OK", b"", "refused robots", None),
        ("500 Oops", b"User-agent: *\nAllow: /\n", "refused robots", None),
    ],
)
def test_of_a_robots_txt_that_is_cut_the_status_decides(
    tmp_path: Path, status: str, rules: bytes, feed_end: str, private_end: str | None
) -> None:
    cut = f"HTTP/1.1 {status}\r\nContent-Length: 900\r\n\r\n".encode() + rules
    answers = {"/robots.txt": reply_and_close(cut), "/feed": reply(counted(feed(f"{P}/private/a").encode()))}
    with RawOrigin(answers) as origin:
        run = Run(_Served((f":80:127.0.0.1:{origin.port}",)), task_of(tmp_path, card())).wait()
    assert run.ends()[f"{P}/feed"] == feed_end
    assert run.ends().get(f"{P}/private/a") == private_end
    assert run.outcomes()[f"{P}/robots.txt"].flags == ("truncated",)
