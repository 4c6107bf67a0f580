"""docs/settings.md: no variable that the code reads is missing from it."""

from __future__ import annotations

import re
from pathlib import Path

from docs.setting_tables import needed_by_of
from hemeroteca.configuration import CHECKOUT, NEEDED_BY, OTHER_VARIABLES, VARIABLES, Settings, read_settings
from tests.test_tree import code_files

PAGE = (CHECKOUT / "docs/settings.md").read_text(encoding="utf-8")
NAME = re.compile(r"\bHEMEROTECA_[A-Z0-9_]*[A-Z0-9]\b")
NO_VARIABLES = {"HEMEROTECA_X", "HEMEROTECA_S3"}
"""What stands for a variable in a comment."""


def test_every_variable_that_the_code_names_has_its_row() -> None:
    files: list[Path | str] = [
        *code_files(("dags", "hemeroteca", "spiders", "storage", "benchmarks")),
        "Makefile",
        "README.md",
    ]
    named = {name for file in files for name in NAME.findall((CHECKOUT / file).read_text(encoding="utf-8"))}
    rows = set(re.findall(r"^\| `(HEMEROTECA_\w+)` \|", PAGE, re.MULTILINE))
    assert rows == {*VARIABLES.values(), *OTHER_VARIABLES}
    assert named - NO_VARIABLES - rows == set()


def test_every_setting_says_who_needs_it_what_it_says_and_an_example_that_can_be_used() -> None:
    for name, field in Settings.model_fields.items():
        assert needed_by_of(field) in NEEDED_BY
        assert field.description and not field.description.endswith(".")
        if name in ("s3_access_key", "s3_secret_key", "ca_file"):  # these need others, or a file
            continue
        settings = read_settings(**{"demo": "1", name: str((field.examples or [""])[0])})
        assert getattr(settings, name) not in (None, ""), name
