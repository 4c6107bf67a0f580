"""What recurs on a host's pages: lines that belong to no article, learned from the texts that were extracted of others.

A line is forgotten with the last page that had it. No line is dropped for its words or its markup, only for standing
word for word on enough other pages: a label on those of the host or of one of its sections, a sentence, which may be
repeated for what it says, on a good part of all the host's. Shapes of blocks were tried, and cost more than they gave.
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
"""What was not seen for so long is forgotten."""
MAX_PAGES = 1_000
"""Of a source, the newest: about 150 kB stored."""
MAX_LINES = 400
"""Of a page: half of them from its beginning, half from its end."""
MIN_PAGES = 3
"""Pages that have a line, each at an address of its own and with a story of its own."""
MIN_SHARE = 0.1
"""Of the host's or the section's pages, for a label; one that only ever begins and ends texts may be rarer."""
MIN_PAGES_OF_SENTENCE, MIN_SHARE_OF_SENTENCE = 5, 0.3
"""Of the host's pages: the background of a story is repeated in every sequel to it."""

_SENTENCE, _LABEL = "s", "l"


class SiteMemory(NamedTuple):
    """The lines that recur, by host (``example.com``) and by section (``example.com/sports``)."""

    lines: dict[str, frozenset[str]]
    digest: str
    """SHA-256 (hex) of ``lines``: with equal ones, pages give equal documents."""

    def of(self, url: str) -> PageMemory:
        """Return what is known of the page at *url*."""
        found = (self.lines.get(place, frozenset()) for place in _places(url))
        return PageMemory(digest=self.digest, lines=frozenset[str]().union(*found))


def list_learnable_lines(found: CleanText) -> list[str]:
    """Return the lines of a text that may recur: not its standfirst, and also those that a memory left out."""
    return [line for line in (*found.text.split("\n"), *found.repeated) if line != found.standfirst]


def remember_page(url: str, lines: Sequence[str], night: Night) -> RememberedPage:
    """Return what is kept of a text: *lines* in their order, at least one."""
    host, section = _place(url)
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
    """Return what of *pages* is worth remembering after *night*: one an address and story, the newest first."""
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
    """Return what recurs on *pages*, which ``keep_newest_pages`` has filtered; None where nothing does."""
    texts: dict[str, list[tuple[str, ...]]] = defaultdict(list)
    for page in pages:
        texts[page.host].append(page.lines)
        if page.section:
            texts[f"{page.host}/{page.section}"].append(page.lines)
    lines = {place: found for place in sorted(texts) if (found := _recurring(texts[place], "/" not in place))}
    if not lines:
        return None
    said = json.dumps({place: sorted(found) for place, found in lines.items()})
    return SiteMemory(lines, hashlib.sha256(said.encode()).hexdigest())


def digest_line(text: str) -> str:
    """Return 8 hex digits for the words of a line, behind ``s`` for what ends as a sentence and ``l`` for a label."""
    kind = _SENTENCE if text[-1:] in SENTENCE_END else _LABEL
    return kind + hashlib.sha256(fold_words(text).encode()).hexdigest()[:8]


def _recurring(texts: list[tuple[str, ...]], whole_host: bool) -> frozenset[str]:
    """Return the lines that are on enough of *texts*, or always around what is a text's own."""
    pages = Counter(line for lines in texts for line in set(lines))
    often = {line for line, count in pages.items() if count >= MIN_PAGES}
    around = Counter(line for lines in texts for line in _around(lines, often))
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


def _around(lines: tuple[str, ...], often: set[str]) -> set[str]:
    """Return the lines of *often* that a text begins and ends with."""
    found: set[str] = set()
    for ordered in (lines, lines[::-1]):
        for line in ordered:
            if line not in often:
                break
            found.add(line)
    return found


def _places(url: str) -> tuple[str, ...]:
    host, section = _place(url)
    return (host, f"{host}/{section}") if section else (host,)


def _place(url: str) -> tuple[str, str]:
    """Return the host of *url* without ``www.``, and its section: the first folder of the path that is no number."""
    try:
        parts = urlsplit(replace_surrogates(url))
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return "", ""
    folders = [folder for folder in parts.path.split("/")[:-1] if folder and not folder.isdigit()]
    return host, folders[0][:100].lower() if folders else ""
