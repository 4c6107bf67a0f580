"""Site memory: the lines that recur on a host's pages and belong to no article, learned from earlier texts.

A line is dropped only because it is on enough other pages word for word, never for its words or markup. A label must be
on pages of the host or of one of its sections; a sentence, which articles may repeat, on a good part of all the host's
pages. A line is forgotten with the last page that had it. Learning from the markup of blocks too was tried: it made
texts worse.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from hemeroteca.extraction.block_model.phrases import SENTENCE_END
from hemeroteca.extraction.page.served_page import PageMemory
from hemeroteca.extraction.page.untrusted_strings import fold_words, replace_surrogates
from storage.model.document import CleanText
from storage.model.night import Night
from storage.model.remembered import RememberedPage

MAX_NIGHTS = 90
"""Pages older than this are forgotten."""
MAX_PAGES = 1_000
"""The newest pages of a source that are remembered: about 150 kB stored."""
MAX_LINES = 400
"""The lines of a page that are remembered: half from its beginning, half from its end."""
MIN_PAGES = 3
"""A line must be on so many pages, with different addresses and stories."""
MIN_SHARE = 0.1
"""A label must be on this share of the host's or section's pages, unless it only begins and ends texts."""
MIN_PAGES_OF_SENTENCE, MIN_SHARE_OF_SENTENCE = 5, 0.3
"""For sentences, of the host's pages: every sequel to a story repeats its background."""

_SENTENCE, _LABEL = "s", "l"


class SiteMemory(NamedTuple):
    """The lines that recur, by host (``example.com``) and by section (``example.com/sports``)."""

    lines: dict[str, frozenset[str]]
    digest: str
    """SHA-256 (hex) of ``lines``: with equal digests, a page gives equal documents."""

    def find_for_page(self, url: str) -> PageMemory:
        """Return the lines that recur on the host and the section of *url*."""
        found = (self.lines.get(place, frozenset()) for place in _list_places(url))
        return PageMemory(digest=self.digest, lines=frozenset[str]().union(*found))


def list_learnable_lines(found: CleanText) -> list[str]:
    """Return the lines to learn from: those of the text and those that a memory left out, but not the standfirst."""
    return [line for line in (*found.text.split("\n"), *found.repeated) if line and line != found.standfirst]


def remember_page(url: str, lines: Sequence[str], night: Night) -> RememberedPage:
    """Return what is remembered of a page with *lines*, at least one."""
    host, section = _split_place(url)
    seen = lines if len(lines) <= MAX_LINES else [*lines[: MAX_LINES // 2], *lines[-MAX_LINES // 2 :]]
    return RememberedPage(
        host=host,
        section=section,
        night=night,
        page=hashlib.sha256(url.encode("utf-8", "replace")).hexdigest()[:16],
        story=digest_line(" ".join(sorted(set(lines), key=lambda line: (-len(line), line))[:2])),
        lines=tuple(digest_line(line) for line in seen),
    )


def keep_newest_pages(pages: Iterable[RememberedPage], night: Night) -> tuple[RememberedPage, ...]:
    """Return the pages to remember after *night*, the newest first, one for each address and each story."""
    newest = sorted(pages, key=lambda one: (one.night, one.page, one.lines), reverse=True)
    kept: list[RememberedPage] = []
    seen: set[str] = set()
    for page in newest:
        names = {page.page, f"{page.host} {page.story}"}
        if page.night >= night - timedelta(days=MAX_NIGHTS) and not names & seen:
            kept.append(page)
            seen |= names
    return tuple(kept[:MAX_PAGES])


def learn_site_memory(pages: Iterable[RememberedPage]) -> SiteMemory | None:
    """Return what recurs on *pages*, already filtered by ``keep_newest_pages``; None where nothing does."""
    texts: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for page in pages:
        texts[page.host].append(page.lines)
        if page.section:
            texts[f"{page.host}/{page.section}"].append(page.lines)
    lines = {place: found for place in sorted(texts) if (found := _find_recurring(texts[place], "/" not in place))}
    if not lines:
        return None
    content = json.dumps({place: sorted(found) for place, found in lines.items()})
    return SiteMemory(lines, hashlib.sha256(content.encode()).hexdigest())


def digest_line(text: str) -> str:
    """Return ``s`` for a sentence or ``l`` for a label, then 8 hex digits of the SHA-256 of the line's words."""
    kind = _SENTENCE if text[-1:] in SENTENCE_END else _LABEL
    return kind + hashlib.sha256(fold_words(text).encode()).hexdigest()[:8]


def _find_recurring(texts: list[tuple[str, ...]], whole_host: bool) -> frozenset[str]:
    """Return the lines that are on enough of *texts*, and labels that are always at the beginning or end of texts."""
    pages = Counter(line for lines in texts for line in set(lines))
    often = {line for line, count in pages.items() if count >= MIN_PAGES}
    around = Counter(line for lines in texts for line in _find_around(lines, often))
    enough = max(MIN_PAGES_OF_SENTENCE, MIN_SHARE_OF_SENTENCE * len(texts)) if whole_host else float("inf")
    return frozenset(
        line
        for line in often
        if (
            pages[line] >= enough
            if line.startswith(_SENTENCE)
            else pages[line] >= MIN_SHARE * len(texts) or around[line] == pages[line]
        )
    )


def _find_around(lines: tuple[str, ...], often: set[str]) -> set[str]:
    """Return the lines of *often* that a text begins or ends with."""
    found: set[str] = set()
    for ordered in (lines, lines[::-1]):
        for line in ordered:
            if line not in often:
                break
            found.add(line)
    return found


def _list_places(url: str) -> tuple[str, ...]:
    host, section = _split_place(url)
    return (host, f"{host}/{section}") if section else (host,)


def _split_place(url: str) -> tuple[str, str]:
    """Return the host of *url* without ``www.``, and its section: the first folder of the path that is no number."""
    try:
        parts = urlsplit(replace_surrogates(url))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", ""
    folders = [folder for folder in parts.path.split("/")[:-1] if folder and not folder.isdigit()]
    return host, folders[0][:100].lower() if folders else ""
