"""``admin check-warc`` needs no archive; ``admin keep-house`` says what goes, and ends with 1 when something stays."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.storage.exchanges import PAGE, exchange, writer

RECORD = (
    b"WARC/1.1\r\nWARC-Type: response\r\nWARC-Record-ID: <urn:a>\r\nWARC-Date: 2026-11-24T03:00:00Z\r\n"
    b"Content-Type: application/http; msgtype=\x1b[31m\r\nContent-Length: 2\r\n\r\nok\r\n\r\n"
)


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    warc = writer(tmp_path)
    warc.write(exchange(PAGE), None)
    (path,) = warc.close()
    return path


def test_a_sound_file_has_no_line_and_ends_with_0(hemeroteca: Run, home: Path, sound: Path) -> None:
    said = hemeroteca("admin", "check-warc", str(sound), s3_endpoint="http://127.0.0.1:9")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "captures: 1, problems: 0\n")
    assert not home.exists()


def test_each_problem_of_each_file_is_a_line_with_its_place(hemeroteca: Run, tmp_path: Path, sound: Path) -> None:
    cut, text, empty = tmp_path / "cut.warc.gz", tmp_path / "a text", tmp_path / "empty.warc"
    whole = sound.read_bytes()
    cut.write_bytes(whole[:-3])
    text.write_text("Call me Ishmael.")
    empty.touch()
    said = hemeroteca("admin", "check-warc", *map(str, (cut, sound, text, empty)))
    assert said.returncode == 1
    of_cut, *others = said.stdout.splitlines()
    place, _, reason = of_cut.removeprefix(f"{cut}:").partition(": ")
    assert 0 < int(place) < len(whole) and reason.startswith("not a gzip member")
    assert others == [f"{text}:0: no WARC version", f"{empty}:0: no record"]
    as_json = hemeroteca("admin", "check-warc", "--json", *map(str, (sound, text)))
    assert as_json.returncode == 1
    problem = {"file": str(text), "offset": 0, "reason": "no WARC version", "fatal": True}
    assert [json.loads(line) for line in as_json.stdout.splitlines()] == [problem]


def test_what_a_file_says_reaches_a_terminal_escaped(hemeroteca: Run, tmp_path: Path) -> None:
    hostile = tmp_path / "es\npía.warc"
    hostile.write_bytes(RECORD)
    lines = hemeroteca("admin", "check-warc", str(hostile)).stdout.splitlines()
    assert len(lines) == 2
    assert all(line.startswith(f"{tmp_path}/es\\npía.warc:0: ") and line.isprintable() for line in lines)
    assert "a response whose Content-Type is application/http;msgtype=\\x1b[31m" in lines[0]


@pytest.mark.parametrize(("name", "status"), [("gone.warc", 2), (".", 2), ("/dev/null", 2), ("/proc/self/mem", 1)])
def test_what_is_no_file_or_cannot_be_read_is_said_in_a_line(
    hemeroteca: Run, tmp_path: Path, name: str, status: int
) -> None:
    said = hemeroteca("admin", "check-warc", str(tmp_path / name))
    assert (said.returncode, said.stdout) == (status, "")
    assert str(tmp_path / name) in said.stderr and "Traceback" not in said.stderr


def test_keep_house_says_what_would_go_and_then_what_went(hemeroteca: Run, home: Path) -> None:
    draft = home / ".0123456789abcdef.part"
    home.mkdir(mode=0o700)
    draft.write_bytes(b"draft")
    os.utime(draft, (0, 0))
    said = hemeroteca("admin", "keep-house", "--dry-run")
    assert (said.returncode, said.stderr) == (0, "")
    assert re.search(r"^drafts +1 +5 bytes$", said.stdout, re.MULTILINE)
    assert draft.exists()
    lines = hemeroteca("admin", "keep-house", "--json").stdout.splitlines()
    assert {"kind": "drafts", "number": 1, "bytes": 5} in map(json.loads, lines)
    assert not draft.exists()


def test_keep_house_ends_with_1_when_something_stays(hemeroteca: Run, home: Path) -> None:
    home.mkdir(mode=0o700)
    (home / "known").write_text("a file where a folder belongs")
    said = hemeroteca("admin", "keep-house")
    assert said.returncode == 1
    assert f"not removed: {home}/known: cannot be listed" in said.stderr
    assert "plans and notes of runs" in said.stdout
