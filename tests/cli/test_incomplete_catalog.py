"""What commands say while the catalog lacks crawls of the bucket; what they print stays clean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hemeroteca import open_archive
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.catalog_check import check_new_catalog, compare_span
from hemeroteca.archive.publishing.publish import apply_manifest
from hemeroteca.configuration import read_settings
from storage.catalog.shortfall import settle_new
from storage.manifests import list_all_manifests, list_all_text_manifests
from tests.cli.conftest import Run, environment

PAGE = "http://faro.hemeroteca.test/robots.txt"
NOWHERE = "http://faro.hemeroteca.test/nowhere"
ANEW = "the catalog was recreated and lacks crawls from 2026-11-24 on: `hemeroteca admin rebuild`"
LACKING = "the catalog lacks 2 crawls and 1 cleaning of 2026-11-24: `hemeroteca admin rebuild`"


@pytest.fixture
def opened(home: Path, archived: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Archive:
    """The archive over two nights of which the catalog has Monday alone."""
    for name, value in environment(home, **archived).items():
        monkeypatch.setenv(name, value)
    archive = Archive(read_settings())
    for key in [*list_all_manifests(archive.store), *list_all_text_manifests(archive.store)]:
        if "/2026/11/23/" in key:
            apply_manifest(archive.holdings, archive.catalog, key)
    return archive


@pytest.fixture
def lagging(opened: Archive) -> Archive:
    settle_new(opened.coordination, opened.catalog.name, None)
    compare_span(opened, "2026/11/")
    return opened


def test_nothing_found_is_no_answer_while_the_catalog_lacks_crawls(
    hemeroteca: Run, lagging: Archive, archived: dict[str, str]
) -> None:
    for command in (("get", NOWHERE), ("ls", NOWHERE), ("ls", NOWHERE, "--json")):
        said = hemeroteca(*command, **archived)
        assert (said.returncode, said.stdout) == (1, "")
        assert said.stderr.splitlines()[-1] == f"hemeroteca: {NOWHERE}: not found, but {LACKING}"
    said = hemeroteca("status", "--night", "2026-11-24", **archived)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == f"hemeroteca: 2026-11-24: no crawl of that night is known, but {LACKING}\n"
    assert "nothing was crawled that night" in hemeroteca("status", "--night", "2026-11-22", **archived).stderr


def test_what_is_found_is_printed_as_ever_and_the_doubt_goes_to_stderr(
    hemeroteca: Run, lagging: Archive, archived: dict[str, str]
) -> None:
    for command in (("ls", PAGE, "--json"), ("get", PAGE, "--as", "raw"), ("status", "--json")):
        said = hemeroteca(*command, **archived)
        assert said.returncode == 0, said.stderr
        assert LACKING in said.stderr and LACKING not in said.stdout
        assert len(said.stderr.splitlines()) == 1
    assert [json.loads(line)["night"] for line in hemeroteca("ls", PAGE, "--json", **archived).stdout.splitlines()]
    assert hemeroteca("status", "--night", "2026-11-23", **archived).stderr == "", "that night is whole"


def test_python_can_ask_what_the_catalog_lacks(lagging: Archive) -> None:
    with open_archive() as reader:
        assert reader.shortfall == LACKING
        assert not list(reader.captures(NOWHERE))
        assert reader.captures(PAGE)


def test_a_catalog_made_anew_says_so_until_it_is_rebuilt(
    hemeroteca: Run, opened: Archive, archived: dict[str, str]
) -> None:
    check_new_catalog(opened)
    assert hemeroteca("get", NOWHERE, **archived).stderr == f"hemeroteca: {NOWHERE}: not found, but {ANEW}\n"
    assert ANEW in hemeroteca("ls", PAGE, **archived).stderr
    assert hemeroteca("rebuild", **archived).returncode == 0
    assert hemeroteca("get", NOWHERE, **archived).stderr == f"hemeroteca: {NOWHERE}: not in the archive\n"
    assert hemeroteca("ls", PAGE, **archived).stderr == ""
