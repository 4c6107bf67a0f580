"""Attempts in the spool: found again, and not made twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.model.errors import StorageError
from storage.spool import attempt_lock, create_attempt, list_attempts, list_crawls


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
