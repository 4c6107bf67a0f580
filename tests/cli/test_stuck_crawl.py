"""A crawl that is stuck, interrupted and then killed leaves nothing behind: no crawl process, no S3 server."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

from tests.cli.conftest import COMMAND, environment
from tests.spiders.plain.own_spiders import write_spider
from tests.spiders.press import Press, Reply
from tests.waiting import wait_for

SPIN = """
import pathlib, re

class Paper(scrapy.Spider):
    name = "paper"
    start_urls = ["http://paper.test/"]

    def parse(self, response):
        pathlib.Path(self.flag).touch()
        re.match("(a|a?)+$", "a" * 60 + "!")  # one call, which hears no signal
"""


def processes_of(home: Path) -> dict[int, str]:
    """Return the command lines of the processes that work in *home*, or name it."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            line = (path / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            place = (path / "cwd").readlink()
        except OSError:
            continue
        if line and (str(home) in line or place.is_relative_to(home)):
            found[int(path.name)] = line
    return found


def test_a_stuck_crawl_that_is_interrupted_and_killed_leaves_nothing_behind(tmp_path: Path) -> None:
    home, flag = tmp_path / "home", tmp_path / "flag"
    card = {
        "id": "paper", "title": "Paper", "homepage": "http://paper.test/", "language": "en", "spider": "mypress.paper",
        "spider_arguments": {"flag": str(flag)}, "allow_private": True, "delay_seconds": 0,
    }  # fmt: skip
    (home / "seeds").mkdir(parents=True, mode=0o700)
    home.chmod(0o700)
    (home / "seeds/paper.yaml").write_text(json.dumps(card))
    with Press() as press:
        press.put("http://paper.test/", Reply(200, b"<p>front", (("Content-Type", "text/html"),)))
        env = environment(home, demo="1", connect_to=press.connect_to[0]) | write_spider(tmp_path, SPIN)
        command = subprocess.Popen([COMMAND, "crawl", "--source", "paper"], env=env, start_new_session=True)
        try:
            wait_for(flag.exists)
            lines = " ".join(processes_of(home).values())
            assert "spiders.run" in lines and "weed" in lines
            command.send_signal(signal.SIGINT)
            time.sleep(1)  # killed sooner it would do the same, but later: only who was asked to stop has two seconds
        finally:
            command.kill()
            command.wait()
        wait_for(lambda: processes_of(home) == {})
