"""Ctrl-C, as a person types it in a terminal: what stops and what is kept is said at once."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

from hemeroteca.cli.interruption import tell_of_command
from tests.cli.conftest import COMMAND, environment
from tests.spiders.press import Press, Reply

CTRL_C = b"\x03"


class Terminal:
    """A command in a terminal of its own."""

    def __init__(self, home: Path, *arguments: str, **settings: str) -> None:
        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [COMMAND, *arguments],
            env=environment(home, **settings) | {"COLUMNS": "80", "TERM": "xterm"},
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            preexec_fn=lambda: os.close(os.open(os.ttyname(0), os.O_RDWR)),  # makes it the controlling terminal
        )
        os.close(slave)
        self.said = ""

    def type(self, keys: bytes) -> None:
        os.write(self._master, keys)

    def read_until(self, sign: str, seconds: float = 60) -> None:
        """Read until *sign* is said. Raises AssertionError when it is not in time."""
        deadline = time.monotonic() + seconds
        while sign not in self.said:
            assert time.monotonic() < deadline, self.said
            if select.select([self._master], [], [], 0.2)[0]:
                try:
                    self.said += os.read(self._master, 65536).decode(errors="replace")
                except OSError:  # the terminal is closed
                    break
        assert sign in self.said, self.said

    def end(self) -> int:
        try:
            while os.read(self._master, 65536):
                pass
        except OSError:
            pass
        os.close(self._master)
        return self.process.wait(90)


def test_a_crawl_says_at_once_that_nothing_is_lost_and_ends(tmp_path: Path) -> None:
    with Press() as press:
        press.put("http://paper.test/slow", Reply(body=b"<h1>a</h1>", seconds=2.0))
        settings = {"demo": "1", "connect_to": press.connect_to[0], "today": "2026-03-01"}
        terminal = Terminal(tmp_path / "home", "crawl", "http://paper.test/slow", **settings)
        while "http://paper.test/slow" not in press.arrived:
            assert terminal.process.poll() is None
            time.sleep(0.05)
        begun = time.monotonic()
        terminal.type(CTRL_C)
        terminal.read_until("Stopping: the crawl")
        assert time.monotonic() - begun < 2
        terminal.read_until("asks for the addresses again.")
        assert terminal.end() == 130
    assert "Traceback" not in terminal.said and "Aborted" not in terminal.said


def test_a_command_that_only_reads_says_so(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "home", "extract", "-", demo="1")
    terminal.read_until("", 0.1)
    time.sleep(3)
    terminal.type(CTRL_C)
    terminal.read_until("The same")
    assert terminal.end() == 130


@pytest.mark.parametrize(
    ("command", "arguments", "sign"),
    [
        ("up", ["up"], "`hemeroteca up` goes on"),
        ("nightly", ["nightly"], "`hemeroteca nightly` goes on with the night"),
        ("admin", ["--demo", "admin", "rebuild"], "the catalog in use stays as it is"),
        ("rebuild", ["rebuild"], "the catalog in use stays as it is"),
        ("reextract", ["reextract", "--publish"], "kept as drafts"),
        ("admin", ["admin", "keep-house"], "goes on with the rest"),
        ("sources", ["sources", "enable", "es-abc"], "No card is half written"),
        ("extract", ["extract", "--batch", "x"], "a file given with -o is left as it was"),
        ("ls", ["ls", "admin"], "only reads: nothing has changed"),
        ("plan", ["plan"], "only reads: nothing has changed"),
    ],
)
def test_each_command_says_what_is_kept(
    monkeypatch: pytest.MonkeyPatch, command: str, arguments: list[str], sign: str
) -> None:
    monkeypatch.delenv("HEMEROTECA_DEMO", raising=False)
    assert sign in tell_of_command(command, ["hemeroteca", *arguments])
