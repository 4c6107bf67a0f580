"""Quality flags, and the other measures of a finished text."""

from __future__ import annotations

import random

import pytest

from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.assessment.minhash import NUMBERS, compute_minhash
from hemeroteca.extraction.assessment.translation_residue import find_translation_residue
from hemeroteca.extraction.metadata.language import are_different_languages, detect_language, read_language
from tests.extraction.markup import markup, news
from tests.extraction.pages import BODY, article, page

GERMAN = (
    "Der gelbe Kran am Nordkai hob heute den ersten Container seit dem Winter der großen Flut, und alle sahen zu.",
    "Die Hafenarbeiter hatten einen Monat lang seine Räder geschmiert, und der Bürgermeister brachte Brot und Wurst.",
    "Ab dem Frühjahr werden drei Schiffe in der Woche erwartet, die meisten mit Papier für die Druckereien am Fluss.",
)
LONG = tuple(f"{line} It was the {number}th time that anyone had seen it." for number, line in enumerate(BODY * 4))


def flags(html: str, **served: str) -> tuple[str, ...]:
    return extract_page(page(html, **served)).quality_flags


def test_an_article_of_some_length_has_no_flag() -> None:
    assert flags(article(*LONG, head=news(headline="x"))) == ()


@pytest.mark.parametrize(
    ("html", "flag"),
    [
        (article("The crane turns."), "too_short"),
        (article(*LONG, head=news(wordCount=5_000)), "stub"),
        (article(*LONG, head=news(articleBody="word " * 5_000)), "stub"),
        (article(*BODY, head=news(isAccessibleForFree=False)), "stub"),
        (article(*BODY[:2], "And then the crane turned once more, and … Read more"), "stub"),
        (
            article("We and our partners use cookies. Accept all cookies, or see our cookie policy."),
            "consent_wall",
        ),
        (article("Already a subscriber? Log in to continue reading this story, please."), "login_wall"),
        (article("The page that you asked for is not here.", title="404 – Page not found"), "error_page"),
        (article(*GERMAN, language="en"), "wrong_language"),
        (article(*LONG).partition("<footer>")[0] + "<div class='foo", "truncated_capture"),
    ],
)
def test_what_is_no_whole_article_is_flagged(html: str, flag: str) -> None:
    assert flag in flags(html)


@pytest.mark.parametrize("flag", ["consent_wall", "login_wall", "error_page", "stub", "wrong_language"])
def test_an_article_about_walls_and_errors_has_none(flag: str) -> None:
    about = "Accept all cookies, says every page; log in to continue, says the next; page not found, says a third."
    assert flag not in flags(article(about, *LONG))


def test_a_page_of_links_is_flagged_as_a_list() -> None:
    items = "".join(f"<li><h3><a href='/{n}'>Story number {n} of the port</a></h3></li>" for n in range(40))
    html = f"<html><body><h1>Port</h1><p>{BODY[0]}</p><ul>{items}</ul></body></html>"
    assert "list_page" in flags(html, url="https://faro.hemeroteca.test/category/port/")


def test_what_is_kept_and_removed_of_a_page_adds_up() -> None:
    found = extract_page(page(article(*LONG)))
    assert found.text_share is not None and found.boilerplate_removed is not None
    assert 0.8 < found.text_share < 1
    visible = len(found.text) + found.boilerplate_removed
    assert found.text_share == pytest.approx(len(found.text) / visible, abs=0.001)


def test_the_language_is_the_texts_unless_that_is_too_short_to_tell() -> None:
    claims = markup("<p>x</p>", language="es-AR")
    assert read_language("\n".join(GERMAN), claims) == ("de", "text", "es-AR")
    assert read_language("Ja.", claims) == ("es-AR", "html:lang", "es-AR")
    assert read_language("", markup("<p>x</p>", language=""))[:2] == (None, "none: too little text to tell")
    assert detect_language("\ud83d" * 50)[0] is None


def test_languages_that_are_written_alike_do_not_disagree() -> None:
    assert (
        are_different_languages("de", "en-GB")
        and not are_different_languages("nb", "no")
        and not are_different_languages("en", "en-GB")
        and not are_different_languages(None, "en")
    )


def test_only_fragments_of_another_language_are_residue() -> None:
    text = (
        "If they are an obstacle [las nuevas sanciones] or not, said [the minister of the sea], [Ana Rubio Sanz] [...]"
    )
    assert find_translation_residue(text, "en") == ("[las nuevas sanciones]",)
    assert find_translation_residue(text, None) == ()
    assert find_translation_residue("[" * 50_000 + "]" * 50_000, "en") == ()


def likeness(one: str | None, other: str | None) -> float:
    """Return the part of two signatures' numbers that are equal: it estimates the Jaccard index of their texts."""
    assert one is not None and other is not None
    assert len(one) == len(other) == 8 * NUMBERS
    return sum(one[place : place + 8] == other[place : place + 8] for place in range(0, len(one), 8)) / NUMBERS


def test_texts_that_share_much_have_signatures_that_share_much() -> None:
    chance = random.Random(7)
    words = [f"w{chance.randrange(4_000)}" for _ in range(600)]
    whole, cut, other = " ".join(words), " ".join(words[:480]), " ".join(reversed(words))
    first = compute_minhash(whole)
    assert likeness(first, compute_minhash(whole)) == 1
    assert likeness(first, compute_minhash(f"By an agency. {whole}")) > 0.9
    assert 0.65 < likeness(first, compute_minhash(cut)) < 0.95
    assert likeness(first, compute_minhash(other)) < 0.1


def test_a_signature_is_the_same_for_ever() -> None:
    """When this fails, signatures of the archive no longer compare with new ones."""
    signature = compute_minhash("The yellow crane turns again")
    assert signature is not None
    assert signature.startswith(SIGNATURE)
    assert compute_minhash("two words") is None


SIGNATURE = "72a531fe583c8fc330df875f"
