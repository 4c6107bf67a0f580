"""Lines are read back from their file, whatever was written since."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.disk_lines import DiskLines
from storage.model.errors import StorageError


def test_a_line_is_read_back_whole_and_the_later_of_two_counts(tmp_path: Path) -> None:
    lines = DiskLines(tmp_path)
    expected = {str(number): b"%d" % number * number * 50 for number in range(200)}
    for key, line in expected.items():
        lines[key] = b"first"
        lines[key] = line
    assert dict(lines) == expected
    assert lines.pop("7") == expected["7"]
    assert "7" not in lines and len(lines) == 199
    lines["7"] = b"again"
    assert (lines["7"], lines.get("none")) == (b"again", None)


def test_its_file_has_no_name_and_is_made_for_the_first_line(tmp_path: Path) -> None:
    lines = DiskLines(tmp_path / "attempt")
    assert "a" not in lines
    (tmp_path / "attempt").mkdir()
    lines["a"] = b"line"
    assert list((tmp_path / "attempt").iterdir()) == []


def test_a_disk_that_takes_no_line_is_an_error_of_storage() -> None:
    with pytest.raises(StorageError, match="line not kept"):
        DiskLines(Path("/proc"))["a"] = b"line"
