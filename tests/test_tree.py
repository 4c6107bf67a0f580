"""The tree of the code: every name once, small files and functions, and a first line that says what is there."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from docs.code_map import find_own_spiders
from hemeroteca.configuration import CHECKOUT

FLOORS = ("dags", "hemeroteca", "spiders", "storage")
ROOMS = (*FLOORS, "docs", "benchmarks")
EVERYWHERE = (*ROOMS, "tests")

MOST_FILE_LINES, P90_FILE_LINES = 300, 230
MOST_FUNCTION_LINES, P90_FUNCTION_LINES = 40, 16
LINE_CHARACTERS = 120


def test_no_module_name_occurs_twice() -> None:
    places: dict[str, list[str]] = {}
    for file in code_files(FLOORS):
        places.setdefault(file.stem, []).append(str(file))
    del places["__init__"]
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_every_module_begins_with_one_line_that_says_what_it_owns() -> None:
    assert [f"{file}: {fault}" for file in code_files(ROOMS) if (fault := _fault_of_first_line(file))] == []


def test_files_are_small() -> None:
    """Lines are all lines of a file; files without any are not counted."""
    lengths = {str(file): lines for file in code_files(EVERYWHERE) if (lines := len(_read(file).splitlines()))}
    assert longer_than(MOST_FILE_LINES, lengths) == {}
    assert percentile_90(list(lengths.values())) <= P90_FILE_LINES


def test_functions_are_small() -> None:
    """Lines are those from ``def`` to the last of the body, docstring and comments included, decorators not."""
    lengths = {name: lines for file in code_files(EVERYWHERE) for name, lines in _function_lines(file)}
    assert longer_than(MOST_FUNCTION_LINES, lengths) == {}
    assert percentile_90(list(lengths.values())) <= P90_FUNCTION_LINES


def code_files(folders: Sequence[str]) -> list[Path]:
    """Return the Python files of *folders*, relative to the checkout."""
    files = [file for folder in folders for file in sorted((CHECKOUT / folder).rglob("*.py"))]
    found = [file.relative_to(CHECKOUT) for file in files if file not in find_own_spiders()]
    assert Counter(file.parts[0] for file in found).keys() == set(folders)  # or one of them was not looked at
    return found


def longer_than(most: int, lengths: dict[str, int]) -> dict[str, int]:
    return {name: lines for name, lines in lengths.items() if lines > most}


def percentile_90(lengths: list[int]) -> int:
    """Return the least length that nine of ten do not pass."""
    return sorted(lengths)[-(-9 * len(lengths) // 10) - 1]


def _read(file: Path) -> str:
    return (CHECKOUT / file).read_text(encoding="utf-8")


def _fault_of_first_line(file: Path) -> str | None:
    paragraph = (ast.get_docstring(ast.parse(_read(file))) or "").split("\n\n")[0].splitlines()
    if not paragraph:
        return "no docstring"
    if not paragraph[0].endswith((".", ":")):
        return "the first line does not end a sentence"
    return "the first line is too long" if len(paragraph[0]) > LINE_CHARACTERS else None


def _function_lines(file: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(_read(file))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{file}:{node.lineno} {node.name}", (node.end_lineno or node.lineno) - node.lineno + 1
