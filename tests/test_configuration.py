"""The settings of a home: where it is, and what today is in it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from hemeroteca.configuration import Settings, read_settings
from hemeroteca.home import Home
from storage.model.errors import SeedError


def test_a_home_is_absolute_however_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert Settings(home=Home(Path("archive"))).home.path == tmp_path / "archive"


def test_a_demo_home_says_in_a_file_what_today_is(tmp_path: Path) -> None:
    settings = Settings(home=Home(tmp_path), demo=True, today=date(2026, 2, 26))
    assert settings.tonight() == date(2026, 2, 26)
    (tmp_path / "today").write_text("2026-02-27\n")
    assert settings.tonight() == date(2026, 2, 27)
    (tmp_path / "today").write_text("yesterday\n")
    with pytest.raises(SeedError, match="today: .*'yesterday'"):
        settings.tonight()


def test_in_other_homes_today_is_today(tmp_path: Path) -> None:
    (tmp_path / "today").write_text("2026-02-27\n")
    before = datetime.now(UTC).date()
    assert before <= Settings(home=Home(tmp_path)).tonight() <= datetime.now(UTC).date()


def test_settings_are_read_of_the_environment_and_what_is_given_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "HOME": str(tmp_path),
        "CRAWL_SLOTS": "3",
        "DEMO": "yes",
        "CONTACT": "me",
        "UNKNOWN": "x",
    }.items():
        monkeypatch.setenv(f"HEMEROTECA_{name}", value)
    settings = read_settings(contact="you")
    assert (settings.home.path, settings.crawl_slots, settings.demo) == (tmp_path, 3, True)
    assert settings.contact == "you"
    assert settings.environment["HEMEROTECA_CONTACT"] == "me"
    monkeypatch.setenv("HEMEROTECA_GRACE_SECONDS", "soon")
    with pytest.raises(SeedError, match="^HEMEROTECA_GRACE_SECONDS: "):
        read_settings()
