"""What shows nothing leaves a page's source, and references escaped twice are read once more."""

from __future__ import annotations

import unicodedata

import pytest

from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.page.unseen_characters import drop_unseen, mend_characters
from tests.extraction.markup import json_ld
from tests.extraction.pages import article, page


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("Hafen&shy;vor&#173;stand&#xAD;s\u00adrat", "Hafenvorstandsrat"),
        ("pi\u200ber \ufeffand&#8203; quay&ZeroWidthSpace; and&#x2060;", "pier and quay and"),
        ("\u200fשלום&rlm; \u202bשוב\u202c \u2067x\u2069", "שלום שוב x"),
        ("a&#1;b\x02c&#x0B;d\x7fe&#127;f&#0;", "abc def"),
        ("don\u0092t &#150; \u0085", "don’t –  "),
        ("line\r\n\tbreak &#13; &#39; &amp;", "line\r\n\tbreak &#13; &#39; &amp;"),
        ("desks â\u0080\u0093 and", "desks â and"),
        ("?a=1&shy=2", "?a=1&shy=2"),
    ],
)
def test_characters_that_show_nothing_leave_the_source(source: str, expected: str) -> None:
    assert mend_characters(source) == expected


@pytest.mark.parametrize(
    "joined", ["می\u200cخواهم", "ക്\u200d", "क्\u200dष", "\U0001f468\u200d\U0001f469", "\u2764\ufe0f\u200d\U0001f525"]
)
def test_joiners_stay_where_they_join(joined: str) -> None:
    assert drop_unseen(joined) == joined


def test_joiners_leave_where_they_join_nothing() -> None:
    assert drop_unseen("pi\u200cer \u200dquay سه\u200c شنبه") == "pier quay سه شنبه"
    assert mend_characters("می&zwnj;خواهم pi&zwj;er") == "می\u200cخواهم pier"
    assert mend_characters("&#1605;&#8204;&#1575;") == "&#1605;\u200c&#1575;"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>Lamps &amp;amp; chains, &amp;quot;new&amp;quot; &amp;lt;5</p>",
         "<p>Lamps &amp; chains, &quot;new&quot; &lt;5</p>"),
        ("<p>It&amp;#039;s caf&amp;eacute; &amp;amp;nbsp;</p>", "<p>It&#039;s caf&eacute; &nbsp;</p>"),
        ("<p>Write &amp;lt; for a bracket</p>", "<p>Write &amp;lt; for a bracket</p>"),
        ("<p>A &amp;amp; B</p><pre>&amp;amp;</pre>", "<p>A &amp; B</p><pre>&amp;amp;</pre>"),
        ("<code>&amp;amp;</code>", "<code>&amp;amp;</code>"),
        ("<a data-x='{&quot;a&quot;:&quot;&amp;quot;b&quot;}'>c</a><script>'&amp;amp;'</script>",
         "<a data-x='{&quot;a&quot;:&quot;&amp;quot;b&quot;}'>c</a><script>'&amp;amp;'</script>"),
    ],
)  # fmt: skip
def test_references_that_were_escaped_twice_are_shown_as_meant(source: str, expected: str) -> None:
    assert mend_characters(source) == expected


def test_no_field_of_a_document_has_a_control_or_an_unseen_character() -> None:
    odd = "&#1;\x02&#x1f;&shy;\u200b&#8206;"
    head = json_ld({"@type": "NewsArticle", "author": {"@type": "Person", "name": "Ana\u0007 Ru\u00adbio"}})
    figure = f'<figure><img src="/c.jpg" alt="cra{odd}ne"><figcaption>The cra{odd}ne at dawn</figcaption></figure>'
    found = extract_page(page(article(f"The crane{odd} lifted its first container since the flood.",
                                      title=f"The har{odd}bour crane", head=head, tail=figure)))  # fmt: skip
    assert (found.title, found.authors) == ("The harbour crane", ("Ana Rubio",))
    assert found.images[0].caption == "The crane at dawn"
    assert not [sign for sign in found.model_dump_json() if unicodedata.category(sign) in ("Cc", "Cf")]
