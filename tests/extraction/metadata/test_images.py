"""Pictures of the article only, with captions and credits separated."""

from __future__ import annotations

import pytest

from hemeroteca.extraction.metadata.images import read_images, split_credit
from storage.model.document import Image
from tests.extraction.markup import markup, meta, news
from tests.extraction.pages import HEADLINE

H1 = f"<h1>{HEADLINE}</h1>"
AT = "https://faro.hemeroteca.test"


def images(body: str, head: str = "") -> list[tuple[str, str | None, str | None]]:
    return [(image.url, image.caption, image.credit) for image in read_images(markup(H1 + body, head))[0]]


@pytest.mark.parametrize(
    "figure",
    [
        '<figcaption>The yellow crane. <span class="credit">Photo: Ana Rubio</span></figcaption>',
        '<figcaption>The yellow crane.</figcaption><small class="copyright">© Ana Rubio</small>',
        "<figcaption>The yellow crane. Foto: Ana Rubio</figcaption>",
        "<figcaption>The yellow crane. (Photograph by: Ana Rubio)</figcaption>",
        '<p class="caption">The yellow crane. <em class="photographer">Ana Rubio</em></p>',
    ],
)
def test_a_credit_is_no_part_of_its_caption(figure: str) -> None:
    body = f'<figure><img src="/crane.jpg" alt="crane">{figure}</figure>'
    assert images(body) == [(f"{AT}/crane.jpg", "The yellow crane.", "Ana Rubio")]


def test_a_line_that_repeats_the_alternative_text_of_a_picture_is_its_caption() -> None:
    body = '<p><img src="/crane.jpg" alt="The crane of the port."></p><p>The crane of the port.REUTERS</p>'
    assert images(body) == [(f"{AT}/crane.jpg", "The crane of the port.", "REUTERS")]


def test_a_paragraph_after_a_picture_is_no_caption() -> None:
    body = '<p><img src="/crane.jpg" alt="The yellow crane of the port"></p><p>Port workers had greased it.</p>'
    assert images(body) == [(f"{AT}/crane.jpg", None, None)]


@pytest.mark.parametrize(
    "body",
    [
        '<img src="/logo.png" alt="The logo of the paper">',
        '<img src="/i.jpg" width="60" alt="The face of its writer">',
        '<aside><figure><img src="/i.jpg"><figcaption>Another story</figcaption></figure></aside>',
        '<a href="/other.html"><img src="/i.jpg" alt="What another story is about"></a>',
        '<img src="data:image/gif;base64,R0lGOD" alt="What has not come yet">',
        '<img alt="No source at all here"><img src="javascript:alert(1)" alt="No picture at all">',
    ],
)
def test_logos_faces_and_other_stories_pictures_are_not_the_articles(body: str) -> None:
    assert images(body) == []
    assert read_images(markup(H1 + body))[1] == "none: the page shows no picture"


def test_a_picture_that_loads_late_is_known_by_where_it_is() -> None:
    body = '<figure><img src="data:x" data-src="/late.jpg"></figure><img srcset="/s.jpg 1x, /l.jpg 2x" alt="sea">'
    assert [url for url, *_ in images(body)] == [f"{AT}/late.jpg", f"{AT}/l.jpg"]


def test_the_markups_picture_comes_first_and_is_told_once_with_what_the_page_shows_of_it() -> None:
    body = (
        '<figure><img src="/b.jpg"></figure><figure><img src="/sizes/a.jpg"><figcaption>A crane</figcaption></figure>'
    )
    head = news(image={"@type": "ImageObject", "url": "https://cdn.test/a.jpg"}) + meta(
        og_image="https://cdn.test/a.jpg"
    )
    found, known = read_images(markup(H1 + body, head))
    assert [(image.url, image.caption) for image in found] == [(f"{AT}/sizes/a.jpg", "A crane"), (f"{AT}/b.jpg", None)]
    assert known == "json-ld:image, figure"


def test_what_only_the_markup_says_of_a_picture_is_kept() -> None:
    said = {"@type": "ImageObject", "url": "/a.jpg", "caption": "A crane", "creditText": "Ana Rubio"}
    assert read_images(markup(H1, news(image=[said])))[0] == (
        Image(url=f"{AT}/a.jpg", caption="A crane", credit="Ana Rubio"),
    )


@pytest.mark.parametrize(
    ("caption", "parts"),
    [
        ("The crane (AP)", ("The crane", "AP")),
        ("The crane turns. AFP/Getty Images", ("The crane turns.", "AFP/Getty Images")),
        ("The crane – REUTERS", ("The crane", "REUTERS")),
        ("The crane | Bild: dpa", ("The crane", "dpa")),
        ("The crane of the USA", ("The crane of the USA", None)),
        ("© El Faro", ("", "El Faro")),
        ("", ("", None)),
        ("( " * 5_000, (("( " * 5_000).strip(), None)),
    ],
)
def test_captions_end_with_credits_in_many_ways(caption: str, parts: tuple[str, str | None]) -> None:
    assert split_credit(caption) == parts
