"""One page to clean text: the blocks that are its text, its metadata, and how far to trust them."""

from __future__ import annotations

import logging
import re
from typing import NamedTuple

from hemeroteca.extraction.assessment.confidence import estimate_confidence
from hemeroteca.extraction.assessment.minhash import compute_minhash
from hemeroteca.extraction.assessment.quality import assess_quality
from hemeroteca.extraction.assessment.translation_residue import find_translation_residue
from hemeroteca.extraction.block_choice.choice import Choice, choose_blocks, explain_choice
from hemeroteca.extraction.block_choice.data_text_rule import build_data_text_rule
from hemeroteca.extraction.block_choice.explanation import Explanation
from hemeroteca.extraction.block_choice.live_blog import LiveBlog
from hemeroteca.extraction.block_choice.overrides import CARD_REASON, build_override_rules
from hemeroteca.extraction.block_choice.recurring_line_rule import RECURRING_REASON, build_recurring_line_rule
from hemeroteca.extraction.block_model.two_stage_model import read_model
from hemeroteca.extraction.extractor import digest_model
from hemeroteca.extraction.metadata.article_metadata import read_metadata
from hemeroteca.extraction.metadata.language import detect_language
from hemeroteca.extraction.metadata.title import read_title
from hemeroteca.extraction.page.blocks import Block
from hemeroteca.extraction.page.markup import Markup, read_markup
from hemeroteca.extraction.page.mojibake import measure_legibility
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.page.tree import ParsedPage, count_visible_characters, parse_page
from hemeroteca.extraction.page.untrusted_strings import fold_words, replace_surrogates
from storage.model.document import CleanText, Post, QualityFlag
from storage.model.errors import NoMainTextError

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # the reason of NoMainTextError says it

_CELL_BORDERS = re.compile(r" *\| *")


class _ReadPage(NamedTuple):
    """A page, and what was chosen from it."""

    parsed: ParsedPage
    markup: Markup
    choice: Choice | None
    posts: tuple[Post, ...]


def load_models() -> None:
    """Load the models of blocks and of languages now, so that the first page does not wait for them."""
    read_model()
    detect_language("What a page is written in.")


def extract_page(page: Page, fold: int | None = None) -> CleanText:
    """Return the clean text of *page*. It does not depend on pages extracted before.

    A page without a text, such as a gallery, gives its metadata. *fold* (0 to 4) takes the model that never saw a host
    of that fold. Raises NoMainTextError: not_html, too_large, parser_limit; no_main_text where there is no metadata.
    """
    read = _read_page(page, fold)
    lines = list_lines(read.choice) if read.choice else []
    if not read.choice or not lines:
        return _keep_metadata(read, page)
    text = "\n".join(lines)
    metadata = read_metadata(read.markup, read.choice.selection.witnesses.title, lines, page.fetched, page.announced)
    standfirst, standfirst_known = _read_standfirst(read.choice)
    text_known = _describe_choice(read.choice, read.parsed.text_origin)
    known = metadata.known | {"standfirst": standfirst_known, "text": text_known}
    quality = assess_quality(read.markup, text, metadata.title, read.parsed)
    disputed: tuple[QualityFlag, ...] = ("disputed",) if read.choice.disputed else ()
    return CleanText(
        **metadata._replace(known=known)._asdict(),
        **quality._replace(quality_flags=(*quality.quality_flags, *disputed))._asdict(),
        lines_dropped=read.choice.lines_dropped,
        lines_added=read.choice.lines_added,
        standfirst=standfirst,
        posts=read.posts,
        encoding=read.parsed.encoding,
        text=text,
        confidence=round(estimate_confidence(read.choice) * measure_legibility(text), 4),
        minhash=compute_minhash(text),
        residue=find_translation_residue(text, metadata.language),
        model=digest_model(),
        site_memory=page.memory.digest if page.memory else None,
        repeated=_list_recurring_lines(read.choice),
    )


def _keep_metadata(read: _ReadPage, page: Page) -> CleanText:
    """Return what a page without a text says of itself. Raises NoMainTextError where that is nothing."""
    visible = count_visible_characters(read.parsed.source)
    why = NoMainTextError("no_main_text", f"{visible} visible characters on the page")
    metadata = read_metadata(read.markup, read_title(read.markup), [], page.fetched, page.announced)
    if not (metadata.title or metadata.published or metadata.authors or metadata.images):
        raise why
    known = metadata.known | {"standfirst": f"none: {why.reason}", "text": f"none: {why.reason}"}
    return CleanText(
        **metadata._replace(known=known)._asdict(),
        **assess_quality(read.markup, "", metadata.title, read.parsed)._asdict(),
        encoding=read.parsed.encoding,
        text="",
        without_text=str(why),
        model=digest_model(),
    )


def explain_page(page: Page, fold: int | None = None) -> Explanation:
    """Return every block of *page* in page order: kept or dropped, with its score and what decided.

    Raises NoMainTextError: not_html, too_large, no_main_text.
    """
    read = _read_page(page, fold)
    return explain_choice(read.choice, read_model(fold)) if read.choice else Explanation(disputed=False, blocks=[])


def build_lines(kept: list[Block]) -> list[str]:
    """Return the lines of the text: one for each block, and one for all cells of a table's row."""
    lines: list[str] = []
    row: object = None
    for block in kept:
        parent = block.context.parent
        row_of_cell = parent.element if block.context.tag in ("td", "th") and parent is not None else None
        text = replace_surrogates(block.text)
        if row_of_cell is not None and row_of_cell is row:
            lines[-1] += f" | {text}"
        else:
            lines.append(text)
        row = row_of_cell
    return lines


def list_lines(choice: Choice) -> list[str]:
    """Return the lines of the text: trafilatura's own where they stand, without those of blocks that are dropped.

    Where trafilatura has joined the page's lines into few, they are the page's.
    """
    is_joined = (choice.own_text or "").count("\n") < len(choice.kept) // 2
    if choice.own_text is None or choice.lines_added or is_joined:
        return build_lines(choice.kept)
    dropped = {fold_words(block.text) for block in choice.list_dropped()}
    lines = (" | ".join(_CELL_BORDERS.split(line.strip(" |"))) for line in choice.own_text.split("\n"))
    return [replace_surrogates(line.removeprefix("- ")) for line in lines if line and fold_words(line) not in dropped]


def _read_page(page: Page, fold: int | None) -> _ReadPage:
    parsed = parse_page(page)
    markup = read_markup(parsed.tree, parsed.url)
    live_blog = LiveBlog(markup)
    of_memory = (build_recurring_line_rule(page.memory),) if page.memory else ()
    of_data = (build_data_text_rule(parsed.data_text),) if parsed.data_text is not None else ()
    rules = (live_blog.keep_posts, *of_data, *of_memory, *build_override_rules(parsed.tree, page.overrides))
    choice = choose_blocks(parsed, markup, read_model(fold), rules)
    return _ReadPage(parsed, markup, choice, live_blog.collect_posts(choice.selection) if choice else ())


def _read_standfirst(choice: Choice) -> tuple[str | None, str]:
    """Return the standfirst, and how it is known."""
    if choice.standfirst is None:
        return None, "none: no line is the page's description"
    return choice.selection.blocks[choice.standfirst].text, "text, as the page's description"


def _describe_choice(choice: Choice, origin: str | None) -> str:
    """Return where the text is from and what corrected it, as ``known`` has it."""
    reasons = choice.rule_reasons.values()
    corrections = f"{choice.lines_dropped} dropped", f"{choice.lines_added} added"
    memory = ("site memory",) if RECURRING_REASON in reasons else ()
    card = ("card",) if any(reason.startswith(CARD_REASON) for reason in reasons) else ()
    return ", ".join((*((origin,) if origin else ()), "trafilatura", *corrections, *memory, *card))


def _list_recurring_lines(choice: Choice) -> tuple[str, ...]:
    """Return the lines that were dropped because they recur on the host's pages."""
    indices = sorted(index for index, reason in choice.rule_reasons.items() if reason == RECURRING_REASON)
    return tuple(replace_surrogates(choice.selection.blocks[index].text) for index in indices)
