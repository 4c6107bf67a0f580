"""What has ended is read back from its file, whatever was written since."""

from __future__ import annotations

from pathlib import Path

import pytest

from spiders.ended import Ended
from storage.model.errors import StorageError


def test_a_line_is_read_back_whole_and_the_later_of_two_counts(tmp_path: Path) -> None:
    ended = Ended(tmp_path)
    lines = {f"http://paper.test/{number}": b"%d" % number * number * 50 for number in range(200)}
    for url, line in lines.items():
        ended[url] = b"first"
        ended[url] = line
    assert dict(ended) == lines
    assert ended.pop("http://paper.test/7") == lines["http://paper.test/7"]
    assert "http://paper.test/7" not in ended and len(ended) == 199
    ended["http://paper.test/7"] = b"again"
    assert (ended["http://paper.test/7"], ended.get("http://paper.test/none")) == (b"again", None)


def test_its_file_has_no_name_and_is_made_for_the_first_line(tmp_path: Path) -> None:
    ended = Ended(tmp_path / "attempt")
    assert "http://paper.test/a" not in ended
    (tmp_path / "attempt").mkdir()
    ended["http://paper.test/a"] = b"line"
    assert list((tmp_path / "attempt").iterdir()) == []


def test_a_disk_that_takes_no_line_is_an_error_of_storage() -> None:
    with pytest.raises(StorageError, match="outcomes not kept"):
        Ended(Path("/proc"))["http://paper.test/a"] = b"line"
