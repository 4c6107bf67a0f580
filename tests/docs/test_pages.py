"""The pages: what is made from the code is what the code makes now, and links lead somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from docs.code_map import FOLDERS, ROOT
from docs.made_blocks import MAKERS, PAGES, remake


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_says_what_the_code_says(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text == remake(text), f"docs/{page.name} is behind the code: run `make docs`"


def test_every_maker_has_its_block() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [name for name in MAKERS if f"<!-- made by make docs: {name} -->" not in text] == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_links_to_headings_lead_to_one(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]*)#([^)]+)\)", page.read_text(encoding="utf-8"))
    assert [link for file, link in links if link not in anchors_of(page.parent / file if file else page)] == []


def anchors_of(page: Path) -> set[str]:
    """Return what a link to a heading of *page* is called: lower case, spaces as hyphens, no other signs."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [*PAGES, ROOT / "README.md"], ids=lambda page: page.name)
def test_paths_that_a_page_names_are_there(page: Path) -> None:
    """A path is what stands in backquotes and begins with one of our folders; capitals stand for something."""
    named = re.findall(rf"`((?:{'|'.join(FOLDERS)}|seeds)/[\w./-]+)`", page.read_text(encoding="utf-8"))
    assert [name for name in named if not re.search("[A-Z]", name) and not (ROOT / name).exists()] == []
