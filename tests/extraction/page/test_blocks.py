"""How a page is cut into blocks, and the context of each block."""

from __future__ import annotations

from hemeroteca.extraction.page.blocks import Layout, read_layout
from hemeroteca.extraction.page.class_words import NAME_BITS
from hemeroteca.extraction.page.tree import parse_page
from tests.extraction.pages import page


def layout(body: str) -> Layout:
    return read_layout(parse_page(page(f"<html><body>{body}</body></html>")).tree)


def texts(body: str) -> list[str]:
    return [block.text for block in layout(body).blocks]


def test_a_block_is_what_a_reader_sees_as_one_line_of_text() -> None:
    assert texts("<div>One <b>two</b><i> three</i> <p>four</p> five<ul><li>six<li>seven</ul></div>") == [
        "One two three", "four", "five", "six", "seven",
    ]  # fmt: skip


def test_every_line_break_begins_a_block_within_the_same_element() -> None:
    found = layout("<p>One<br>two<br><br><b>three</b></p><p>four</p>").blocks
    assert [(block.text, block.after_break) for block in found] == [
        ("One", False), ("two", True), ("three", True), ("four", False),
    ]  # fmt: skip
    assert found[0].context is found[2].context is not found[3].context


def test_an_element_that_a_site_invents_is_inline_however_deep() -> None:
    assert texts(
        "<p>The <x-term>harbour <x-deep>bo<i>ard</i></x-deep></x-term> met <side-note>today</side-note>.</p>"
    ) == ["The harbour board met today."]
    assert texts("<my-card><h2>One</h2><my-text><p>two</p></my-text></my-card>") == ["One", "two"]


def test_scripts_forms_and_templates_are_no_text() -> None:
    hidden = "<script>var a</script><style>p {}</style><template>x</template><select><option>y</select>"
    assert texts(f"<p>One{hidden}two</p><noscript>three</noscript><textarea>four</textarea>") == ["Onetwo"]


def test_a_block_knows_its_links_bold_type_pictures_and_what_names_its_surroundings() -> None:
    found = layout(
        '<aside class="relatedStories"><h3>More</h3></aside><img alt="A  crane"><div id="x" hidden>'
        '<p>Read <a href="/a">this</a></p></div>'
    )
    heading, line = found.blocks
    assert (heading.bold_chars, heading.images_before, line.images_before) == (4, 0, 1)
    assert (line.link_chars, line.link_count) == (4, 1)
    assert heading.context.around_names & NAME_BITS["related"] and heading.context.around_names & NAME_BITS["in_aside"]
    assert line.context.around_names & NAME_BITS["hidden"] and not line.context.around_names & NAME_BITS["related"]
    assert found.alt_texts == {"A crane"}


def test_a_page_as_deep_as_the_parser_goes_is_read_to_its_end() -> None:
    assert texts("<div>" * 1800 + "deep") == ["deep"]


def test_what_stands_in_the_head_of_a_page_without_a_body_is_read_too() -> None:
    found = read_layout(parse_page(page("<!doctype html><title>A page</title><article><p>One</p></article>")).tree)
    assert [block.text for block in found.blocks] == ["One"]
