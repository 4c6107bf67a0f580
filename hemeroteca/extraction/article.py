"""One payload to clean text: the blocks that are its text, the markup's metadata, and how far to trust them."""

from __future__ import annotations

import logging
from typing import NamedTuple

from hemeroteca.extraction.assessment.confidence import estimate_confidence
from hemeroteca.extraction.assessment.minhash import compute_minhash
from hemeroteca.extraction.assessment.quality import assess_quality
from hemeroteca.extraction.assessment.translation_residue import find_translation_residue
from hemeroteca.extraction.block_choice.choice import Choice, Explanation, choose_blocks, explain_choice
from hemeroteca.extraction.block_choice.live_blog import LiveBlog
from hemeroteca.extraction.block_choice.overrides import CARD_REASON, build_override_rules
from hemeroteca.extraction.block_choice.recurring_line_rule import RECURRING_REASON, build_recurring_line_rule
from hemeroteca.extraction.block_model.two_stage_model import read_model
from hemeroteca.extraction.extractor import digest_model
from hemeroteca.extraction.metadata.article_metadata import read_metadata
from hemeroteca.extraction.metadata.language import detect_language
from hemeroteca.extraction.page.blocks import Block
from hemeroteca.extraction.page.markup import Markup, read_markup
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.page.tree import ParsedPage, count_visible_characters, parse_page
from hemeroteca.extraction.page.untrusted_strings import replace_surrogates
from storage.model.document import CleanText, Post
from storage.model.errors import NoMainTextError

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it says of a page, the reason says


class _Read(NamedTuple):
    """A page and what was chosen of it."""

    page: ParsedPage
    markup: Markup
    choice: Choice | None
    posts: tuple[Post, ...]


def load_models() -> None:
    """Load what the first page would wait for: the model of blocks, and that of languages."""
    read_model()
    detect_language("What a page is written in.")


def extract_page(page: Page, fold: int | None = None) -> CleanText:
    """Return the clean text of *page*: the same for the same page, whatever was extracted before.

    *fold* (0 to 4) takes the model that never saw a host of that fold. Raises NoMainTextError: not_html, too_large,
    no_main_text.
    """
    read = _read(page, fold)
    lines = build_lines(read.choice.kept) if read.choice else []
    if not read.choice or not lines:
        raise NoMainTextError(
            "no_main_text", f"{count_visible_characters(read.page.source)} visible characters on the page"
        )
    text = "\n".join(lines)
    metadata = read_metadata(read.markup, read.choice.draft.opinions.title, lines, page.fetched, page.announced)
    place = read.choice.standfirst
    standfirst = read.choice.draft.blocks[place].text if place is not None else None
    standfirst_known = "text, as the page's description" if standfirst else "none: no line is the page's description"
    known = metadata.known | {"standfirst": standfirst_known, "text": _text_known(read.choice)}
    return CleanText(
        **metadata._replace(known=known)._asdict(),
        **assess_quality(read.markup, text, metadata.title, read.page.source)._asdict(),
        standfirst=standfirst,
        posts=read.posts,
        encoding=read.page.encoding,
        text=text,
        confidence=estimate_confidence(read.choice),
        minhash=compute_minhash(text),
        residue=find_translation_residue(text, metadata.language),
        model=digest_model(),
        site_memory=page.memory.digest if page.memory else None,
        repeated=_repeated(read.choice),
    )


def explain_page(page: Page, fold: int | None = None) -> Explanation:
    """Return every block of *page* in its order: kept or dropped, with its score and what decided.

    Raises NoMainTextError: not_html, too_large, no_main_text.
    """
    read = _read(page, fold)
    return explain_choice(read.choice, fold) if read.choice else Explanation(asked=False, blocks=[])


def build_lines(kept: list[Block]) -> list[str]:
    """Return the lines of the text: a block is one, and the cells of a table's row share one."""
    lines: list[str] = []
    row: object = None
    for block in kept:
        parent = block.place.parent
        of_row = parent.element if block.place.tag in ("td", "th") and parent is not None else None
        text = replace_surrogates(block.text)
        if of_row is not None and of_row is row:
            lines[-1] += f" | {text}"
        else:
            lines.append(text)
        row = of_row
    return lines


def _text_known(choice: Choice) -> str:
    """Say what had a part in the choice beside the extractor."""
    reasons = choice.ruled.values()
    asked = ("trafilatura",) if choice.asked else ()
    memory = ("site memory",) if RECURRING_REASON in reasons else ()
    card = ("card",) if any(reason.startswith(CARD_REASON) for reason in reasons) else ()
    return ", ".join(("blocks", *asked, *memory, *card))


def _repeated(choice: Choice) -> tuple[str, ...]:
    """Return the lines that the site memory left out."""
    ruled = sorted(place for place, reason in choice.ruled.items() if reason == RECURRING_REASON)
    return tuple(replace_surrogates(choice.draft.blocks[place].text) for place in ruled)


def _read(page: Page, fold: int | None) -> _Read:
    parsed = parse_page(page)
    markup = read_markup(parsed.tree, parsed.url)
    live = LiveBlog(markup)
    remembered = (build_recurring_line_rule(page.memory),) if page.memory else ()
    rules = (live.keep_posts, *remembered, *build_override_rules(parsed.tree, page.overrides))
    choice = choose_blocks(parsed, markup, fold, rules)
    return _Read(parsed, markup, choice, live.posts(choice.draft) if choice else ())
