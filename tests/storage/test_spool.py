"""Attempts in the spool: found again, and not made twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.model.errors import StorageError
from storage.spool import attempt_lock, create_attempt, list_attempts, list_crawls, remove_attempt, sweep_spool


def test_attempts_are_found_by_crawl(tmp_path: Path) -> None:
    assert (list_crawls(tmp_path / "none"), list_attempts(tmp_path, "none")) == ([], [])
    made = [
        create_attempt(tmp_path, crawl, nonce) for crawl, nonce in [("b", "22222222"), ("a", "1" * 8), ("b", "0" * 8)]
    ]
    assert list_crawls(tmp_path) == ["a", "b"]
    assert list_attempts(tmp_path, "b") == [made[2], made[0]]


def test_an_attempt_is_made_once(tmp_path: Path) -> None:
    create_attempt(tmp_path, "a", "11111111")
    with pytest.raises(StorageError):
        create_attempt(tmp_path, "a", "11111111")


def test_an_attempt_that_was_removed_cannot_be_locked(tmp_path: Path) -> None:
    attempt = create_attempt(tmp_path, "a", "11111111")
    attempt.rmdir()
    with pytest.raises(StorageError):
        attempt_lock(attempt).acquire(1)


def test_an_attempt_is_removed_with_its_crawl_s_folder_after_the_last_one(tmp_path: Path) -> None:
    one, other = (create_attempt(tmp_path, "a", nonce) for nonce in ("11111111", "22222222"))
    (one / "attempt.json").write_text("{}")
    remove_attempt(one)
    assert list_attempts(tmp_path, "a") == [other]
    remove_attempt(other)
    assert list(tmp_path.iterdir()) == []


def test_of_an_attempt_whose_removal_broke_off_nobody_finds_a_part_and_the_next_sweep_takes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempt = create_attempt(tmp_path, "a", "11111111")
    (attempt / "x.warc.gz").write_bytes(b"1")
    waiting = attempt_lock(attempt)
    assert waiting.acquire()
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr("storage.spool.shutil.rmtree", broken_off)
        remove_attempt(attempt)
    assert [path.name for path in tmp_path.rglob("*.warc.gz")] == ["x.warc.gz"]
    assert list_attempts(tmp_path, "a") == []
    sweep_spool(tmp_path)
    assert list(tmp_path.iterdir()) == []


def broken_off(*_: object, **__: object) -> None:
    raise KeyboardInterrupt
