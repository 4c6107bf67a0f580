"""Lines that recur on a host's pages are dropped from its texts; lines that only seem to recur are kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

from hemeroteca.extraction.article import explain_page, extract_page
from hemeroteca.extraction.extractor import EXTRACTOR, identify_extractor
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.recurring_lines import (
    MAX_LINES,
    MAX_NIGHTS,
    MAX_PAGES,
    SiteMemory,
    digest_line,
    keep_newest_pages,
    learn_site_memory,
    list_learnable_lines,
    remember_page,
)
from hemeroteca.extraction.workers.messages import Request, make_request, read_request
from storage.model.remembered import RememberedPage
from storage.model.source import TextOverrides
from storage.worker_process import write_frame
from tests.extraction.pages import BODY, article, page, under_hash_seeds

NIGHT = date(2026, 3, 1)
HOST = "https://www.faro.hemeroteca.test"
LABEL = "From our letter to readers in the port"
PROMO = "Every morning at seven the Faro writes to its readers what the day will bring to the port, and it is free."
OWN = "Paragraph {number} of this story alone says what was lifted at pier {number} on that day, ton by ton."


def text(number: int, *extra: str, tail: bool = True) -> list[str]:
    """Return the lines of a story, different for each number, with *extra* after it or in its middle."""
    own = [OWN.format(number=3 * number + part) for part in range(3)]
    return [*own, *extra] if tail else [own[0], *extra, *own[1:]]


def pages(texts: Iterable[list[str]], section: str = "port", night: date = NIGHT) -> tuple[RememberedPage, ...]:
    return tuple(remember_page(f"{HOST}/{section}/story-{n}.html", lines, night) for n, lines in enumerate(texts))


def learned(texts: Iterable[list[str]], section: str = "port") -> SiteMemory | None:
    return learn_site_memory(keep_newest_pages(pages(texts, section), NIGHT))


def lines_known(memory: SiteMemory | None, url: str = f"{HOST}/port/new.html") -> int:
    return len(memory.find_for_page(url).lines) if memory else 0


def with_memory(memory: SiteMemory | None, html: str, url: str = f"{HOST}/port/new.html") -> Page:
    return page(html, url=url)._replace(memory=memory.find_for_page(url) if memory else None)


def test_a_short_line_around_three_stories_is_left_out_of_the_next_and_named() -> None:
    memory = learned(text(number, LABEL) for number in range(3))
    found = extract_page(with_memory(memory, article(*BODY, LABEL)))
    assert (found.text, found.repeated) == ("\n".join(BODY), (LABEL,))
    assert memory and found.site_memory == memory.digest
    assert found.known["text"].startswith("trafilatura, ") and found.known["text"].endswith(", site memory")
    (verdict,) = (one for one in explain_page(with_memory(memory, article(*BODY, LABEL))).blocks if one.text == LABEL)
    assert (verdict.kept, verdict.reasons) == (False, ("rule: the host's other pages have it too",))


def test_two_pages_or_one_story_at_many_addresses_teach_nothing() -> None:
    assert learned(text(number, LABEL) for number in range(2)) is None
    assert learned(text(7, LABEL) for _ in range(9)) is None


def test_one_page_seen_on_many_nights_teaches_nothing() -> None:
    seen = [
        remember_page(f"{HOST}/port/a.html", text(number, LABEL), NIGHT + timedelta(days=number)) for number in range(9)
    ]
    assert learn_site_memory(keep_newest_pages(seen, NIGHT + timedelta(days=9))) is None


def test_a_short_line_within_texts_must_stand_on_a_tenth_of_them() -> None:
    def within(of: int) -> int:
        texts = [text(n, LABEL, tail=False) for n in range(3)] + [text(n) for n in range(3, of)]
        return lines_known(learned(texts))

    assert (within(30), within(31)) == (1, 0)


def test_a_sentence_must_stand_on_five_pages_and_three_tenths_of_the_hosts() -> None:
    def known(with_it: int, of: int) -> int:
        return lines_known(learned([text(n, *[PROMO] * (n < with_it)) for n in range(of)]))

    assert (known(4, 4), known(5, 5), known(6, 20), known(6, 21)) == (0, 1, 1, 0)
    elsewhere = [remember_page(f"{HOST}/town/{n}.html", text(n), NIGHT) for n in range(10, 60)]
    assert learn_site_memory(keep_newest_pages([*pages(text(n, PROMO) for n in range(8)), *elsewhere], NIGHT)) is None


def test_a_section_has_lines_of_its_own_and_another_host_has_none() -> None:
    texts = [text(n, LABEL, tail=False) for n in range(3)]
    others = [remember_page(f"{HOST}/town/{n}.html", text(n), NIGHT) for n in range(10, 60)]
    memory = learn_site_memory(keep_newest_pages([*pages(texts), *others], NIGHT))
    assert lines_known(memory) == 1
    assert lines_known(memory, f"{HOST}/town/new.html") == 0
    assert lines_known(memory, f"{HOST}/new.html") == 0
    assert lines_known(memory, "https://other.test/port/new.html") == 0
    assert lines_known(memory, "https://faro.hemeroteca.test/2026/03/Port/new.html") == 1


def test_headings_what_the_page_says_twice_and_its_standfirst_stay() -> None:
    memory = learned(text(number, LABEL) for number in range(3))
    described = f'<meta name="description" content="{LABEL}">'
    for html in (
        article(head=described, lead=LABEL),
        article(*BODY[:2], f"{LABEL}</p><p>{BODY[2]}</p><p>{LABEL}"),
        article(*BODY[:2], f"</p><h2>{LABEL}</h2><p>{BODY[2]}"),
    ):
        without = extract_page(with_memory(None, html))
        found = extract_page(with_memory(memory, html))
        assert (found.text, found.repeated) == (without.text, ())
        assert LABEL in found.text


def test_nothing_is_dropped_where_it_is_most_of_the_text() -> None:
    memory = learned([*(2 * line for line in text(number)), *BODY] for number in range(8))
    assert lines_known(memory) == len(BODY)
    assert extract_page(with_memory(memory, article())).text == "\n".join(BODY)


def test_what_is_dropped_is_still_remembered_and_what_is_not_seen_for_ninety_nights_is_not() -> None:
    seen = keep_newest_pages(pages(text(number, LABEL) for number in range(3)), NIGHT)
    assert learn_site_memory(keep_newest_pages(seen, NIGHT + timedelta(days=MAX_NIGHTS)))
    assert keep_newest_pages(seen, NIGHT + timedelta(days=MAX_NIGHTS + 1)) == ()
    found = extract_page(with_memory(learn_site_memory(seen), article(*BODY, LABEL)))
    again = remember_page(f"{HOST}/port/new.html", [*found.text.split("\n"), *found.repeated], NIGHT)
    assert seen[0].lines[-1] in again.lines


def test_the_newest_pages_are_remembered_and_a_page_as_it_was_last() -> None:
    many = pages((text(number) for number in range(MAX_PAGES + 50)), night=NIGHT)
    new = remember_page(f"{HOST}/port/story-3.html", text(9_999), NIGHT + timedelta(days=1))
    kept = keep_newest_pages([*many, new], NIGHT + timedelta(days=1))
    assert len(kept) == MAX_PAGES
    assert kept[0] == new
    assert [one for one in kept if one.page == new.page] == [new]


def test_a_long_page_is_remembered_by_its_beginning_and_its_end() -> None:
    page_lines = [f"Entry {number} of the day" for number in range(3 * MAX_LINES)]
    kept = remember_page(f"{HOST}/port/live.html", page_lines, NIGHT).lines
    assert kept == tuple(digest_line(line) for line in (*page_lines[: MAX_LINES // 2], *page_lines[-MAX_LINES // 2 :]))


def test_an_address_that_is_none_is_remembered_too() -> None:
    for url in ("", "http://[", "https://faro.test/po\ud800rt/a.html", "file:///a/b"):
        assert remember_page(url, text(1), NIGHT).model_dump_json()


def test_the_order_of_learning_changes_nothing() -> None:
    texts = list(pages(text(number, LABEL, PROMO) for number in range(9)))
    assert learn_site_memory(keep_newest_pages(texts, NIGHT)) == learn_site_memory(
        keep_newest_pages(reversed(texts), NIGHT)
    )


def test_a_worker_is_told_what_is_known_of_each_page(tmp_path: Path) -> None:
    told = with_memory(learned(text(number, LABEL) for number in range(3)), article())
    with (tmp_path / "frames").open("w+b") as file:
        write_frame(file, make_request(Request(told)))
        file.seek(0)
        assert read_request(file) == Request(told)


def test_the_extractors_name_changes_with_what_is_known() -> None:
    digests = {memory.digest for label in (LABEL, PROMO[:40]) if (memory := learned(text(n, label) for n in range(3)))}
    names = {identify_extractor(TextOverrides(), digest).id for digest in (None, *digests)}
    assert len(names) == 3 and EXTRACTOR.id in names


def test_the_same_texts_teach_the_same_under_every_hash_seed() -> None:
    code = (
        "from tests.extraction.test_recurring_lines import *;"
        "memory = learned(text(n, LABEL, PROMO) for n in range(6));"
        "print(memory.digest, extract_page(with_memory(memory, article(*BODY, LABEL, PROMO))).model_dump_json())"
    )
    made = under_hash_seeds(code)
    assert len(made) == 1 and LABEL.encode() in made.pop()


def test_what_a_template_puts_around_every_text_is_learned_from_texts_as_they_were_extracted() -> None:
    """The template is made up: this tests that all steps work together, not how well."""
    trust = ("According to the criteria of", "The Vale Trust for Honest News")
    app = "The Faro is on every telephone now, with the tides and the ferries of the day, and it asks for no name."

    def sibling(number: int) -> str:
        own = text(number)
        return article(own[0], *trust, *own[1:], app, title=f"The crane lifts load {number}")

    known = []
    for number in range(6):
        url = f"{HOST}/port/{number}.html"
        known.append(remember_page(url, list_learnable_lines(extract_page(page(sibling(number), url=url))), NIGHT))
    without = extract_page(page(sibling(9))).text.split("\n")
    found = extract_page(with_memory(learn_site_memory(keep_newest_pages(known, NIGHT)), sibling(9)))
    assert found.text.split("\n") == text(9)
    assert [line for line in without if line not in text(9)] == list(found.repeated) != []
