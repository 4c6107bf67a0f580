"""Nothing that strangers wrote reaches a terminal as it came, and JSON says the same data in other signs."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.cli.terminal import say, say_json, write_bytes
from hemeroteca.configuration import CHECKOUT
from storage.model.unfit_characters import UNFIT
from tests.cli.conftest import Run
from tests.extraction.pages import article

FOLDERS = ("hemeroteca", "storage")
ALLOWED = {
    "hemeroteca/cli/terminal.py": "the one door",
    "hemeroteca/services/keeper.py": "answers to its own process",
    "hemeroteca/demo/__main__.py": "its port, to who started it",
}
_PRINTS = re.compile(r"print|typer\.echo|click\.echo|(?i:.*console.*)\.print|.*\bstd(out|err)\b.*\.write(lines)?")
HOSTILE = "a\x1b[2Jb\x9b31mc\u202ed\u2066e\x07f\x7fg\rh"


def prints(tree: ast.AST) -> Iterator[str]:
    """Yield what in *tree* writes to stdout or stderr by itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if _PRINTS.fullmatch(called):
                yield f"{called} in line {node.lineno}"


def test_every_print_is_by_the_one_door() -> None:
    around = {
        str(path.relative_to(CHECKOUT)): found
        for folder in FOLDERS
        for path in sorted((CHECKOUT / folder).rglob("*.py"))
        if (found := list(prints(ast.parse(path.read_text(encoding="utf-8")))))
    }
    assert {path: found for path, found in around.items() if path not in ALLOWED} == {}
    assert ALLOWED.keys() == around.keys() & ALLOWED.keys()


def test_what_goes_around_the_door_is_found() -> None:
    lines = [
        "print(x)",
        "sys.stdout.write(x)",
        "sys.stderr.buffer.write(x)",
        "typer.echo(x)",
        "Console().print(x)",
        "console.print(x)",
    ]
    assert len(list(prints(ast.parse("\n".join(lines))))) == len(lines)


def test_people_see_what_was_there_and_terminals_obey_none_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    say(HOSTILE)
    say("plain\tline\nand שלום, 日本語, é")
    said = capsys.readouterr().out
    assert not UNFIT.search(said)
    assert said == ("a\\x1b[2Jb\\x9b31mc\\u202ed\\u2066e\\x07f\\x7fg\\x0dh\nplain\tline\nand שלום, 日本語, é\n")


def test_json_keeps_the_data(capsys: pytest.CaptureFixture[str]) -> None:
    say_json(json.dumps({"title": HOSTILE}, ensure_ascii=False))
    said = capsys.readouterr().out
    assert not UNFIT.search(said)
    assert json.loads(said) == {"title": HOSTILE}


def test_half_of_a_pair_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    say("a\udc80b")
    assert capsys.readouterr().out == "a\\udc80b\n"


def test_bytes_are_themselves_in_a_pipe(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    write_bytes(b"\x1b[2J\xff")
    assert capfdbinary.readouterr().out == b"\x1b[2J\xff"


@pytest.mark.parametrize("form", ["text", "document", "explain"])
def test_a_hostile_page_is_extracted_without_its_commands(hemeroteca: Run, tmp_path: Path, form: str) -> None:
    page = tmp_path / "page.html"
    escapes = "&#155;31m\u202e\u2066 and more words of the same kind"
    text = article().replace("</h1>", f"{escapes}</h1>", 1).replace("</p>", f" {escapes}</p>", 1)
    page.write_text(text, encoding="utf-8")
    said = hemeroteca("extract", str(page), "--as", form)
    assert said.returncode == 0
    assert not UNFIT.search(said.stdout + said.stderr)
