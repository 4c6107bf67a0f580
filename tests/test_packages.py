"""Our import packages belong to us alone: `spiders` and `storage` could be somebody else's names too."""

from __future__ import annotations

from importlib.metadata import distributions
from importlib.util import find_spec
from pathlib import Path

import pytest

from hemeroteca.configuration import CHECKOUT

OURS = ("dags", "hemeroteca", "spiders", "storage")


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
