"""What we use of others' private APIs is there, and stands in the one list."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from hemeroteca.configuration import CHECKOUT
from tests.private_apis import PRIVATE_APIS, PrivateApi, fault_of
from tests.test_tree import FLOORS, code_files

OURS = (*FLOORS, "tests", "docs", "benchmarks")
PUBLIC = {"_asdict", "_fields", "_make", "_mapping", "_replace", "_exit", "_Element"}
"""Underscored and yet public: of named tuples, of SQLAlchemy's rows, of ``os``; and lxml's type of elements."""
LISTED = {part for api in PRIVATE_APIS for part in api.name.replace(":", ".").split(".") if part.startswith("_")}


def test_private_apis_are_as_they_were(tmp_path: Path) -> None:
    environment = os.environ | {"AIRFLOW_HOME": str(tmp_path)}  # or it would make a home of its own
    command = [sys.executable, "-m", "tests.private_apis"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_vanished_or_changed_is_named() -> None:
    def fault(name: str, takes: tuple[str, ...] | None) -> str | None:
        return fault_of(PrivateApi(name, takes, "spiders/x.py", ""))

    assert fault("twisted.internet.endpoints:HostnameEndpoint._hostText", None) is None
    assert fault("twisted.nowhere:x", None) == (
        "twisted.nowhere:x is gone (No module named 'twisted.nowhere'); used by spiders/x.py"
    )
    assert "is gone" in (fault("twisted.internet.endpoints:HostnameEndpoint._nothing", None) or "")
    assert "takes ('self', 'protocolFactory')" in (
        fault("twisted.internet.endpoints:HostnameEndpoint.connect", ("self",)) or ""
    )


def test_every_user_of_a_private_api_is_there_and_names_it() -> None:
    for api in PRIVATE_APIS:
        text = (CHECKOUT / api.user).read_text(encoding="utf-8")
        module, _, path = api.name.partition(":")
        names = path.removesuffix(".__init__").split(".")
        assert names[-1] in text or module in text, f"{api.user} does not use {api.name} any more"


def test_no_private_api_is_used_that_is_not_listed() -> None:
    trees = {file: ast.parse((CHECKOUT / file).read_text(encoding="utf-8")) for file in code_files((*FLOORS, "tests"))}
    ours = {name for tree in trees.values() for name in _defined(tree)}
    used = {f"{file}: {name}" for file, tree in trees.items() for name in _private_uses(tree) if name not in ours}
    assert sorted(use for use in used if use.rpartition(" ")[2] not in LISTED | PUBLIC) == []


def test_airflow_is_imported_from_its_public_module_alone() -> None:
    listed = {api.name.partition(":")[0] for api in PRIVATE_APIS}
    public = {"airflow.sdk", "airflow.sdk.exceptions"}
    for file in code_files(FLOORS):
        modules = {
            node.module
            for node in ast.walk(ast.parse((CHECKOUT / file).read_text(encoding="utf-8")))
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("airflow.")
        }
        assert modules <= listed | public, f"{file} imports {modules - listed - public}"


def _defined(tree: ast.Module) -> Iterator[str]:
    """Yield every name that our own code gives to something."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Attribute | ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.attr if isinstance(node, ast.Attribute) else node.id


def _private_uses(tree: ast.Module) -> Iterator[str]:
    """Yield the underscored names that are imported from others, and those of attributes."""
    for node in ast.walk(tree):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] not in OURS:
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load):
            names = [node.attr]
        yield from (name for name in names if name.startswith("_") and not name.startswith("__"))
