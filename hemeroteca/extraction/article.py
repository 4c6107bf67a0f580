"""One payload to clean text: trafilatura's text, the markup's metadata, by what the extractor's name stands for."""

from __future__ import annotations

import logging

from trafilatura import bare_extraction

from hemeroteca.extraction.extractor import OPTIONS
from hemeroteca.extraction.frames import Page
from hemeroteca.extraction.metadata.markup import Markup, read_markup
from hemeroteca.extraction.metadata.metadata import read_metadata
from hemeroteca.extraction.metadata.words import fold, sound
from hemeroteca.extraction.minhash import minhash
from hemeroteca.extraction.quality import read_quality
from hemeroteca.extraction.residue import find_residue
from hemeroteca.extraction.tree import parse_page, visible_length
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError

logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # what it says of a page, the reason says


def extract_payload(page: Page) -> CleanText:
    """Return the clean text of *page*: the same for the same page, whatever was extracted before.

    Raises NoMainTextError: not_html, too_large, no_main_text.
    """
    tree, source, encoding, _, _ = parse_page(page)
    markup = read_markup(tree, page.url)
    found = bare_extraction(tree, url=page.url, **OPTIONS)
    lines = [line for line in sound(found.text or "").split("\n") if line.strip()] if found else []
    metadata = read_metadata(markup, lines, page.fetched, page.announced)
    text = "\n".join(_without_headline(lines, metadata.title))
    if not text:
        raise NoMainTextError("no_main_text", f"{visible_length(source)} visible characters on the page")
    standfirst, standfirst_known = _standfirst(text, markup)
    known = metadata.known | {"standfirst": standfirst_known, "text": "trafilatura"}
    return CleanText(
        **metadata._replace(known=known)._asdict(),
        **read_quality(markup, text, metadata.title, source)._asdict(),
        standfirst=standfirst,
        encoding=encoding,
        text=text,
        minhash=minhash(text),
        residue=find_residue(text, metadata.language),
    )


def _without_headline(lines: list[str], title: str | None) -> list[str]:
    return lines[1:] if lines and title and fold(lines[0]) == fold(title) else lines


def _standfirst(text: str, markup: Markup) -> tuple[str | None, str]:
    """Return the first paragraph when the page itself describes the article by it."""
    first = text.partition("\n")[0]
    if any(fold(first) == fold(said) for said in markup.descriptions):
        return first, "text, as the page's description"
    return None, "none: the text does not begin with the page's description"
