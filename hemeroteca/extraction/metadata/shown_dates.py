"""The dates that a reader sees beside the headline: in elements named for dates or authors, in lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from lxml.html import HtmlElement

from hemeroteca.extraction.metadata.date_style import DateStyle
from hemeroteca.extraction.metadata.date_words import (
    CHANGED_WORDS,
    CLOCK_WORDS,
    OPENING_WORDS,
    PUBLISHED_WORDS,
    STAGE_WORDS,
    find_label_after,
)
from hemeroteca.extraction.metadata.declared_dates import DateClaim, DateOrigin, parse_first
from hemeroteca.extraction.metadata.marked_dates import (
    find_near_headline,
    find_text_before,
    is_named_for_change,
    is_near_headline,
    is_of_article,
    read_data_attribute,
)
from hemeroteca.extraction.metadata.written_dates import find_written_dates, parse_written_date, write_plainly
from hemeroteca.extraction.page.markup import READ_TAGS, MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line

MAX_DATED_LINES = 40
_TITLE_TAGS = frozenset({"h1", "title"})
_TEXT_BLOCKS = frozenset({"p", "li", "td", "dd", "blockquote"})
_UNREAD_TAGS = frozenset({"script", "style", "template", "noscript", "textarea", "option", "select", "button", "title"})
_OPENING_DATE = re.compile(r"[^\W\d_]*,?\s*\d{1,2}[./]\s?(?:\d{1,2}[./]|[^\W\d_]{3,10}\s)\s?(?:19|20)\d\d")
"""How a paragraph begins that opens with a date."""

_NEAR = range(-20, 19)
"""How many elements before and after the headline the line of its date is."""

_PROSE_CHARS = 120
"""How long a paragraph is whose dates are those of what it tells."""

_ENTRY_CHARS = 500
_OF_ENTRY = re.compile(r"post-?meta|entry-?meta|post-?info|submitted", re.IGNORECASE)
_WAS_POSTED = re.compile(
    r"(?:(?:entry|post|article|item|page|story) (?:was|is|has been) (?:posted|published|written|created)|posted|"
    r"wurde|erstellt|publié|rédigé|pubblicato|publicado|inserito|geplaatst|opublikowano|опубликовано)\b",
    re.IGNORECASE,
)
_AFTER_WAS = re.compile(r"[\w\s:,.]{0,25}\b(?:gepostet|veröffentlicht|geschrieben|publiziert|erstellt|eingestellt)\b")
"""How blogs say it in a sentence: "This entry was posted on …", "wurde am … gepostet"."""


def read_shown_dates(markup: Markup, style: DateStyle, near_only: bool = False) -> Iterator[DateClaim]:
    """Yield the dates that the page shows from its headline on; with *near_only* those beside it."""
    for role, base in (("date", 40), ("author", 42)):
        for marked in find_near_headline(markup, role):
            near = is_near_headline(marked.position, markup)
            if near or not near_only:
                yield from _read_marked(marked, DateOrigin("text", base, near=near), markup, style)
    last = markup.headline_position + 41 if near_only else None
    yield from _read_dated_lines(markup, style, last)


def _read_marked(marked: MarkedElement, origin: DateOrigin, markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    element = marked.element
    title = element.get("title") or element.get("datetime") or ""
    title = title or read_data_attribute(element)
    is_exact = parse_written_date(title, style) is not None
    shown = marked.text
    before = find_text_before(element)
    if len(shown) >= 200 and not is_exact:
        return
    rank = origin.rank + (marked.position > markup.headline_position + 150)
    changed = is_named_for_change(element)
    if is_exact:
        before, text = f"{before} {re.split(r'[0-9]', shown, maxsplit=1)[0][-40:]}", f"{title} "
    else:
        text = shown if parse_written_date(shown, style) else " ".join(islice(element.itertext(), 12))
    yield from _read_line(
        clean_line(text, 200), origin._replace(rank=rank, is_modification=changed), style, before=before
    )


def _read_dated_lines(markup: Markup, style: DateStyle, last: int | None) -> Iterator[DateClaim]:
    """Yield the dates of the first ``MAX_DATED_LINES`` lines that are little else, from the headline to *last*."""
    left = MAX_DATED_LINES
    start = markup.headline_position
    for position, element in enumerate(markup.tree.iter(*READ_TAGS)):
        if position < start - 20 or element.tag in _TITLE_TAGS:
            continue
        if left <= 0 or (last is not None and position > last):
            return
        origin = DateOrigin("text", 45 + min(20, abs(position - start) // 40), near=position - start in _NEAR)
        claims = list(_read_lines_of(element, origin, style))
        if claims and is_of_article(MarkedElement(position, element), markup):
            yield from claims
            left -= len({one.date for one in claims})


def read_any_lines(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the dates of lines in or after elements not read otherwise, drawings and legends, beside the headline."""
    position = -1
    for element in markup.tree.iter():
        tag = element.tag
        position += tag in READ_TAGS
        if not is_near_headline(position, markup):
            continue
        if tag in READ_TAGS or (isinstance(tag, str) and tag in _UNREAD_TAGS):
            continue
        origin = DateOrigin("text", 63, near=True)
        claims = list(_read_lines_of(element, origin, style))
        if isinstance(tag, str) and "-" in tag:
            claims += parse_first([read_data_attribute(element)], style, origin)
        if claims and is_of_article(MarkedElement(position, element), markup):
            yield from claims


def read_entry_notes(markup: Markup, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the first date in a note on the entry, as blogs have it below the text: "This entry was posted on …"."""
    for position, element in enumerate(markup.tree.iter(*READ_TAGS)):
        if position < markup.headline_position or element.tag not in ("p", "div", "small", "span"):
            continue
        is_named = _OF_ENTRY.search(element.get("class") or "") is not None
        if not is_named and not (element.tag == "p" and _WAS_POSTED.search(read_shown_text(element, _ENTRY_CHARS))):
            continue
        text = write_plainly(read_shown_text(element, _ENTRY_CHARS + 1))
        found = next(find_written_dates(text, style), None)
        if found is None or len(text) > _ENTRY_CHARS or not is_of_article(MarkedElement(position, element), markup):
            continue
        begin, end, written = found
        said = _WAS_POSTED.search(text[max(0, begin - 40) : begin])
        if not is_named and (said is None or (said[0].lower() == "wurde" and not _AFTER_WAS.match(text[end:]))):
            continue
        yield DateClaim(written, "text", 64, CHANGED_WORDS.search(text[:begin]) is not None)
        return


def _read_lines_of(element: HtmlElement, origin: DateOrigin, style: DateStyle) -> Iterator[DateClaim]:
    """Yield the dates of the two lines of *element*: that which it begins with, and that after it."""
    for text, is_tail in ((element.text if isinstance(element.tag, str) else None, False), (element.tail, True)):
        line = _cut_dated_line(text)
        if not line:
            continue
        claims = list(_read_line(line, origin, style, bare=True))
        if claims and not _is_prose(element, is_tail, line):
            before = "" if is_tail else find_text_before(element)
            changed = not is_tail and is_named_for_change(element)
            yield from _read_line(line, origin._replace(is_modification=changed), style, bare=True, before=before)


def _is_prose(element: HtmlElement, is_tail: bool, line: str) -> bool:
    """Say whether a line is a part of a paragraph of prose, and not that which opens it with a date."""
    block = element.getparent() if is_tail or element.tag not in _TEXT_BLOCKS else element
    if block is None or block.tag not in _TEXT_BLOCKS or block.find("br") is not None:
        return False
    text = read_shown_text(block, _PROSE_CHARS + 1)
    return len(text) > _PROSE_CHARS and not (_OPENING_DATE.match(text) and text.startswith(line[:20]))


def _cut_dated_line(text: str | None) -> str:
    """Return *text* if it is a short line with digits, or the date that a paragraph opens with."""
    if not text or not any(map(str.isdigit, text[:200])):
        return ""
    line = clean_line(text, 300)
    leads = _OPENING_DATE.match(line) if len(line) > 40 else None
    if leads:
        return line[: leads.end()]
    return line if 6 <= len(line) <= 120 else ""


def _read_line(
    line: str, origin: DateOrigin, style: DateStyle, bare: bool = False, before: str = ""
) -> Iterator[DateClaim]:
    """Yield the dates in a short line; a *bare* one must be little else, or have a word such as "published".

    Each date is what the words between the one before and itself say: "Updated May 8, 2024 | Published May 7, 2024".
    For the first those *before* the line count too.
    """
    line = write_plainly(line)
    if CLOCK_WORDS.search(f"{before} {line}"):
        return
    last = 0
    found = list(find_written_dates(line, style))
    follow = bool(found) and not _has_label(line[: found[0][0]])
    for begin, end, written in found:
        words, rest = line[last:begin][-40:], line[:begin] + line[end:]
        if not last and not words.strip():
            words = before
        last = end
        if STAGE_WORDS.search(words):
            continue
        after = find_label_after(line[end:]) if follow else None
        is_modification = CHANGED_WORDS.search(words) is not None if after is None else after
        labelled = after is False or (after is None and PUBLISHED_WORDS.search(words) is not None)
        if labelled and not origin.near and OPENING_WORDS.fullmatch(words.strip()):
            labelled = False  # "Le 6 août 2019" begins many a sentence
        alone = sum(map(str.isalpha, rest)) <= 25
        if not bare or labelled or is_modification or alone:
            rank = origin.rank - 3 * labelled
            yield DateClaim(written, origin.source, rank, origin.is_modification or is_modification, origin.near)


def _has_label(text: str) -> bool:
    return (CHANGED_WORDS.search(text) or PUBLISHED_WORDS.search(text)) is not None
