"""A WARC file after an accident: cut before its first damaged record; and what is no record is refused."""

from __future__ import annotations

import gzip
import os
import subprocess
import sys
from pathlib import Path

import pytest

from storage.model.errors import FixityError
from storage.warc.members import finish_warc, mend_warc
from storage.warc.reader import iter_records, read_member
from tests.storage.exchanges import NAME, PAGE, exchange, good, writer

ENDLESS = """
import sys
from pathlib import Path
from tests.storage.exchanges import exchange, writer
warc = writer(Path(sys.argv[1]))
count = 0
while True:
    body = f"page {count} ".encode() * 3000
    warc.write(exchange(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body), None)
    print(count, flush=True)
    count += 1
"""


def test_a_killed_writer_loses_nothing_it_had_acknowledged(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = -1
        while acknowledged < 200:
            acknowledged = int(process.stdout.readline())
        process.kill()
        rest = process.stdout.read().split()
    acknowledged = int(rest[-1]) if rest else acknowledged
    open_file = tmp_path / f"{NAME}.open"
    mend_warc(open_file)
    path = finish_warc(open_file)
    assert good(path)
    urls = [
        record.block.partition(b"page ")[2].split()[0] for record in iter_records(path) if record.type == "response"
    ]
    assert urls[: acknowledged + 1] == [b"%d" % n for n in range(acknowledged + 1)]
    assert len(urls) <= acknowledged + 2


@pytest.mark.parametrize("tail", ["cut", "zeros", "garbage", "flipped"])
def test_mending_cuts_after_the_last_whole_member(tmp_path: Path, tail: str) -> None:
    warc = writer(tmp_path)
    warc.write(exchange(PAGE), None)
    (path,) = warc.close()
    whole = path.read_bytes()
    last = list(iter_records(path))[-1]
    damaged = {
        "cut": whole[:-1],
        "flipped": whole[:-6] + bytes([whole[-6] ^ 1]) + whole[-5:],
        "zeros": whole + bytes(5000),
        "garbage": whole + os.urandom(5000),
    }[tail]
    path.write_bytes(damaged)
    with pytest.raises(FixityError):
        list(iter_records(path))
    good_end = last.offset if tail in ("cut", "flipped") else len(whole)
    assert mend_warc(path) == len(damaged) - good_end
    assert path.read_bytes() == whole[:good_end]
    assert good(path)
    assert mend_warc(path) == 0


@pytest.mark.parametrize("cut", [0, 1, 10, 200])
def test_a_file_cut_in_its_first_record_mends_to_nothing(tmp_path: Path, cut: int) -> None:
    warc = writer(tmp_path)
    warc.write(exchange(PAGE), None)
    (path,) = warc.close()
    path.write_bytes(path.read_bytes()[:cut])
    assert mend_warc(path) == cut
    assert path.read_bytes() == b""


def test_a_member_that_is_not_one_whole_record_is_refused() -> None:
    record = (
        b"WARC/1.1\r\nWARC-Type: metadata\r\nWARC-Date: 2026-11-24T00:00:00Z\r\nContent-Length: 3\r\n\r\nabc\r\n\r\n"
    )
    assert read_member(gzip.compress(record)).block == b"abc"
    for bad in (record[:-1], record.replace(b"abc", b"ab"), record.replace(b"WARC/", b"HTTP/"), b""):
        with pytest.raises(FixityError):
            read_member(gzip.compress(bad))
    for bad in (gzip.compress(record) * 2, gzip.compress(record)[:-1], b"", b"plain"):
        with pytest.raises(FixityError):
            read_member(bad)
