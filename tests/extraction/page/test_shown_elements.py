"""Elements that a browser shows as something else than their names say."""

from __future__ import annotations

import pytest

from hemeroteca.extraction.page.blocks import read_layout
from hemeroteca.extraction.page.tree import parse_page
from tests.extraction.pages import page


def shown(body: str) -> list[tuple[str, int]]:
    blocks = read_layout(parse_page(page(f"<html><body>{body}</body></html>")).tree).blocks
    return [(block.text, block.link_chars) for block in blocks]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<a name="top"><p>One</p><p>two</p>', [("One", 0), ("two", 0)]),
        ('<a id="x">One</a> <a href="/a">two</a>', [("One two", 3)]),
        ('<a class="share" onclick="go()">One</a>', [("One", 3)]),
        ('<a data-href="/a">One</a>', [("One", 3)]),
    ],
)
def test_an_a_that_leads_nowhere_is_no_link(body: str, expected: list[tuple[str, int]]) -> None:
    assert shown(body) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<h3><button aria-expanded='false'>Why?</button></h3><p>So.</p>", ["Why?", "So."]),
        ("<dl><dt><span><button>Why?</button><svg></svg></span></dt><dd>So.</dd></dl>", ["Why?", "So."]),
        ("<details><summary><button>Why?</button></summary>So.</details>", ["Why?", "So."]),
        ("<h2>Headline <button>Copy link</button></h2>", ["Headline"]),
        ("<h2><span>Headline</span><button>Share</button></h2>", ["Headline"]),
        ("<button class='accordion'>Why?</button><div><p>So.</p></div>", ["Why?", "So."]),
        ("<button aria-controls='a'>Why?</button><section id='a'><p>So.</p></section>", ["Why?", "So."]),
        ("<nav><button aria-controls='a'>Menu</button><div id='a'><p>So.</p></div></nav>", ["So."]),
        ("<div><button>Menu</button></div><p>So.</p>", ["So."]),
    ],
)
def test_a_button_that_is_a_whole_heading_is_its_text(body: str, expected: list[str]) -> None:
    assert [text for text, _ in shown(body)] == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<x-story><template shadowrootmode=open><h2>Crane</h2><p>It turns.</p></template></x-story>",
         ["Crane", "It turns."]),
        ("<x-story><template shadowrootmode=open><h2>Crane</h2><slot><p>Wait</p></slot><p>End</p></template>"
         "It <b>turns</b>.<p>Again.</p></x-story>", ["Crane", "It turns.", "Again.", "End"]),
        ("<x-story><template shadowrootmode=closed><h2><slot name=t>Wait</slot></h2><slot></slot></template>"
         "<p>It turns.</p><b slot=t>Crane</b></x-story>", ["Crane", "It turns."]),
        ("<x-outer><template shadowrootmode=open><x-inner><template shadowrootmode=open><p>Crane</p></template>"
         "</x-inner></template></x-outer>", ["Crane"]),
        ("<template><p>Never shown</p></template><p>Crane</p>", ["Crane"]),
    ],
)  # fmt: skip
def test_a_declared_shadow_root_is_a_part_of_the_page(body: str, expected: list[str]) -> None:
    assert [text for text, _ in shown(body)] == expected
