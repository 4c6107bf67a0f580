"""docs/cli.md: each command is there, and what is printed with ``--json`` has the keys and types that it promises."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.core import TyperGroup

from docs.code_map import ROOT
from docs.command_pages import list_commands
from docs.json_contracts import CONTRACTS
from hemeroteca.cli.main import app
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from tests.cli.conftest import Said, call

COURIER = "http://courier.hemeroteca.test"
PAGE = f"{COURIER}/features/the-old-customs-house-reopens"
JSON_TYPES: dict[str, Any] = {
    "string": str, "integer": int, "boolean": bool, "number": (int, float), "object": dict, "null": type(None),
}  # fmt: skip


def find_group() -> TyperGroup:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    return group


def test_every_command_with_json_has_its_contract_and_no_other() -> None:
    commands = dict(list_commands(find_group()))
    with_json = {name for name, command in commands.items() if any("--json" in one.opts for one in command.params)}
    assert with_json == set(CONTRACTS)
    assert all(key.meaning.endswith((".", ")")) and key.type for one in CONTRACTS.values() for key in one.keys)


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A demo home with a page, and an address that could not be captured."""
    home = tmp_path_factory.mktemp("crawled") / "home"
    said = ask(home, "crawl", PAGE, f"{COURIER}/nothing", "--json")
    check("crawl", said)
    with use_embedded_s3(Home(home)):
        yield home


def ask(home: Path, *arguments: str) -> Said:
    return call(home, "--demo", *arguments, today="2026-03-01")


@pytest.mark.parametrize(
    "arguments",
    [
        ["status"], ["failures"], ["ls", PAGE], ["plan", "--urls"], ["plan"], ["doctor"], ["columns", "documents"],
        ["columns", "ledger"], ["sources", "list"], ["admin", "reextract"], ["admin", "keep-house", "--dry-run"],
    ],
    ids=" ".join,
)  # fmt: skip
def test_what_is_printed_is_what_is_promised(crawled: Path, arguments: list[str]) -> None:
    name = next(name for name in CONTRACTS if " ".join(arguments).startswith(name))
    check(name, ask(crawled, *arguments, "--json"))


def test_problems_of_a_warc_file_are_too(tmp_path: Path) -> None:
    (tmp_path / "broken.warc.gz").write_bytes(b"no WARC at all")
    check("admin check-warc", ask(tmp_path / "home", "admin", "check-warc", str(tmp_path / "broken.warc.gz"), "--json"))


def check(command: str, said: Said) -> None:
    """Hold each line to the contract of *command*: no key that is not promised, each of its type."""
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    assert lines, said.stderr
    promised = {key.name: key.type for key in CONTRACTS[command].keys}
    for line in lines:
        assert line.keys() <= promised.keys()
        assert [name for name, value in line.items() if not any(map(is_of(value), promised[name].split(" or ")))] == []
    assert {name for line in lines for name in line} >= promised.keys() - MAY_BE_ABSENT


MAY_BE_ABSENT = {"due", *(key.name for key in CONTRACTS["admin reextract"].keys)}
"""Keys of one option alone, and those of the changes where there are none."""


def is_of(value: Any) -> Any:
    return lambda kind: _is_of(value, kind)


def _is_of(value: Any, kind: str) -> bool:
    if kind.startswith("list of "):
        return isinstance(value, list) and all(_is_of(one, kind.removeprefix("list of ")) for one in value)
    if kind.startswith("object of "):
        return isinstance(value, dict) and all(_is_of(one, kind.removeprefix("object of ")) for one in value.values())
    if kind in ("time", "date"):
        parse = datetime.fromisoformat if kind == "time" else date.fromisoformat
        return isinstance(value, str) and bool(parse(value))
    return isinstance(value, JSON_TYPES[kind]) and (kind == "boolean" or not isinstance(value, bool))


def test_the_citation_file_says_what_the_package_says() -> None:
    """Keys are those of the Citation File Format 1.2.0."""
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert cited["cff-version"] == "1.2.0" and cited["message"] and cited["authors"][0].keys() <= {"name", "website"}
    assert (cited["title"], cited["version"], cited["license"]) == (
        project["name"],
        project["version"],
        project["license"],
    )
    assert cited["abstract"] == project["description"] and cited["type"] == "software"
    assert cited.keys() <= {
        "cff-version", "message", "title", "abstract", "type", "version", "license", "authors", "keywords",
    }  # fmt: skip
    assert re.fullmatch(r"[A-Za-z0-9.-]+", cited["license"])
