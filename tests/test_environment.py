"""The environment is read at the edge: settings are arguments everywhere else."""

from __future__ import annotations

import ast
from pathlib import Path

from hemeroteca.configuration import CHECKOUT

EDGES = ("dags/", "hemeroteca/cli/", "hemeroteca/services/")
EXCEPTIONS = {
    "hemeroteca/configuration.py": "reads the settings, and hands on what child processes inherit",
    "hemeroteca/demo/__main__.py": "a program of its own",
    "spiders/settings.py": "Scrapy loads it itself: the edge of a crawl process",
}
READS = {"environ", "environb", "getenv", "getenvb", "putenv", "unsetenv"}


def reads_environment(path: Path) -> bool:
    """Say whether a module names the environment in any way that ``os`` offers."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Attribute) and node.attr in READS:
            return True
        if isinstance(node, ast.ImportFrom) and node.module == "os" and READS & {name.name for name in node.names}:
            return True
    return False


def test_nothing_but_the_edges_reads_or_writes_the_environment() -> None:
    rooms = ("dags", "hemeroteca", "spiders", "storage")
    modules = {
        path.relative_to(CHECKOUT).as_posix(): path for room in rooms for path in (CHECKOUT / room).rglob("*.py")
    }
    assert len(modules) > 200
    found = {name for name, path in modules.items() if reads_environment(path)}
    assert {name for name in found if not name.startswith(EDGES)} == set(EXCEPTIONS)


def test_what_is_looked_for_is_seen(tmp_path: Path) -> None:
    for text in (
        "import os\nx = os.environ['A']",
        "from os import getenv\nx = getenv('A')",
        "import os as o\no.putenv('A')",
    ):
        (tmp_path / "module.py").write_text(text)
        assert reads_environment(tmp_path / "module.py")
    (tmp_path / "module.py").write_text("environ = {}\nprint(environ)")
    assert not reads_environment(tmp_path / "module.py")
