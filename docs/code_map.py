"""The map of the code: every folder and module with the first line of its docstring."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDERS = ("dags", "hemeroteca", "spiders", "storage", "docs", "benchmarks", "tests")


def map_lines() -> list[str]:
    """Return the map as Markdown: a link to each folder, then its heading with a line for each module in it."""
    lines = [line for folder in FOLDERS for line in _folder_lines(ROOT / folder)][:-1]
    return [*_link_lines(lines), "", *lines]


def first_line(file: Path) -> str:
    """Return the first line of the docstring of *file* as Markdown; empty when it has none."""
    docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
    return re.sub(r"``(.+?)``", r"`\1`", docstring.partition("\n")[0])


def _folder_lines(folder: Path) -> Iterator[str]:
    modules = [file for file in sorted(folder.glob("*.py")) if _is_on_the_map(file)]
    folders = [child for child in sorted(folder.iterdir()) if (child / "__init__.py").exists()]
    said = first_line(folder / "__init__.py")
    if said or modules:
        yield from (f"{'##' if folder.parent == ROOT else '###'} {folder.relative_to(ROOT)}/", "")
        yield from (said, "") if said else ()
        yield from (*map(_module_line, modules), "") if modules else ()
    for child in folders:
        yield from _folder_lines(child)


def _link_lines(lines: list[str]) -> Iterator[str]:
    """Yield a link to each heading of *lines*, those below another indented."""
    for heading in (line for line in lines if line.startswith("#")):
        signs, _, folder = heading.partition(" ")
        yield f"{'  ' * (len(signs) - 2)}- [{folder}](#{folder.replace('/', '')})"


@cache
def find_own_spiders() -> frozenset[Path]:
    """Return the spiders in ``spiders/`` that git does not have: a user's (docs/spiders.md), not bound by our rules.

    Without git there are none.
    """
    command = ("git", "-C", str(ROOT), "ls-files", "--others", "--exclude-standard", "spiders/*.py")
    listed = subprocess.run(command, capture_output=True, text=True).stdout.split()
    return frozenset(ROOT / name for name in listed if name.count("/") == 1)


def _is_on_the_map(file: Path) -> bool:
    """Say whether *file* is listed: of the tests, what they share, for they stand as the code does that they test."""
    return file.name != "__init__.py" and not file.name.startswith("test_") and file not in find_own_spiders()


def _module_line(file: Path) -> str:
    return f"- [{file.name}](../{file.relative_to(ROOT)}) {first_line(file)}"
