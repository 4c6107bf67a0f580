"""The repair of a page's source before it is parsed."""

from __future__ import annotations

import pytest
from trafilatura.utils import repair_faulty_html

from hemeroteca.extraction.page.tree import parse_page
from tests.extraction.pages import page

LINE = "<p>Ships\x00 wait\ufffe for the tide.\uffff</p>\x1f\n"


@pytest.mark.parametrize(
    "beginning", ["<!DOCTYPE html PUBLIC a/b>\n<html />\n", "<!doctype html><html>\n", "<html lang=en/>", ""]
)
@pytest.mark.parametrize("line", [LINE, LINE.rstrip("\n")])
def test_a_source_is_repaired_as_trafilatura_repairs_it_whole(beginning: str, line: str) -> None:
    source = beginning + line * 300
    repaired = parse_page(page(repair_faulty_html(source, source[:50].lower()))).tree
    assert parse_page(page(source)).tree.text_content() == repaired.text_content()
    assert repaired.text_content().count("Ships wait for the tide.") == 300
