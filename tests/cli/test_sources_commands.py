"""Newspapers on the command line."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_enabling_shows_in_the_list_and_disabling_too(hemeroteca: Run, home: Path) -> None:
    assert hemeroteca("sources", "enable", "--unchecked", "es-elmundo").returncode == 0
    assert (home / "seeds/es-elmundo.yaml").read_text() == "id: es-elmundo\nenabled: true\n"
    assert [path for path in (home, *home.rglob("*")) if path.lstat().st_mode & 0o077] == []
    rows = [json.loads(line) for line in hemeroteca("sources", "list", "--json").stdout.splitlines()]
    assert len(rows) >= 12
    assert [row["id"] for row in rows if row["enabled"]] == ["es-elmundo"]
    assert hemeroteca("sources", "disable", "es-elmundo").returncode == 0
    lines = hemeroteca("sources", "list").stdout.splitlines()
    assert not any(" enabled " in line for line in lines)


def test_who_enables_without_a_contact_is_told(hemeroteca: Run) -> None:
    unchecked = ("sources", "enable", "--unchecked", "es-elmundo")
    assert "HEMEROTECA_CONTACT" in hemeroteca(*unchecked).stderr
    assert hemeroteca(*unchecked, contact="me@example.org").stderr == ""
    said = hemeroteca("sources", "enable", "es-elmundo")
    assert said.returncode == 2 and "HEMEROTECA_CONTACT" in said.stderr


def test_several_are_switched_by_name_by_country_or_all(hemeroteca: Run) -> None:
    def enabled() -> set[str]:
        rows = [json.loads(line) for line in hemeroteca("sources", "list", "--json").stdout.splitlines()]
        return {row["id"] for row in rows if row["enabled"]}

    assert hemeroteca("sources", "enable", "--unchecked", "es-elmundo", "de-faz").returncode == 0
    assert enabled() == {"es-elmundo", "de-faz"}
    said = hemeroteca("sources", "enable", "--unchecked", "--country", "es")
    assert said.returncode == 0 and "es-elmundo" not in said.stdout
    assert {name for name in enabled() if name != "de-faz"} == {
        row["id"]
        for row in map(json.loads, hemeroteca("sources", "list", "--json").stdout.splitlines())
        if row["country"] == "ES"
    }
    assert hemeroteca("sources", "enable", "--unchecked", "--all").returncode == 0
    assert len(enabled()) >= 12
    assert hemeroteca("sources", "enable", "--all").stdout == "They are all enabled already.\n"
    assert hemeroteca("sources", "disable", "--all").returncode == 0
    assert enabled() == set()
    assert hemeroteca("sources", "enable").returncode == 2
    said = hemeroteca("sources", "disable", "--country", "XX")
    assert said.returncode == 2 and "there are: " in said.stderr


def test_check_names_every_mistake_and_ends_with_1(hemeroteca: Run, home: Path) -> None:
    assert hemeroteca("sources", "check").returncode == 0
    (home / "seeds").mkdir(parents=True)
    (home / "seeds/mine.yaml").write_text("id: es-mio\ntitle: Mío\nhomepage: mio\n")
    said = hemeroteca("sources", "check")
    assert said.returncode == 1
    assert [line.rsplit("/", 1)[1].split(": ")[:2] for line in said.stdout.splitlines()] == [
        ["mine.yaml", "discoveries"], ["mine.yaml", "homepage"], ["mine.yaml", "language"],
    ]  # fmt: skip


def test_the_list_names_wrong_cards_shows_the_others_and_ends_with_1(hemeroteca: Run, home: Path) -> None:
    right = hemeroteca("sources", "list", "--json").stdout
    (home / "seeds").mkdir(parents=True)
    (home / "seeds/mine.yaml").write_text("id: es-mio\ntitle: Mío\nhomepage: mio\n")
    (home / "seeds/torn.yaml").write_text("id: [\n")
    said = hemeroteca("sources", "list", "--json")
    assert (said.returncode, said.stdout) == (1, right)
    files = {line.split(": ")[0].rsplit("/", 1)[1] for line in said.stderr.splitlines()}
    assert files == {"mine.yaml", "torn.yaml"}


def test_an_unknown_newspaper_is_refused_in_one_line(hemeroteca: Run, home: Path) -> None:
    said = hemeroteca("sources", "enable", "xx-none")
    assert said.returncode == 2
    assert len(said.stderr.splitlines()) == 1
    assert not (home / "seeds").exists()


def test_the_demo_has_newspapers_of_its_own(hemeroteca: Run) -> None:
    rows = [json.loads(line) for line in hemeroteca("--demo", "sources", "list", "--json").stdout.splitlines()]
    assert len(rows) == 3
    assert all(row["enabled"] and row["homepage"].endswith(".test/") for row in rows)
