"""Bounds on an HTML page, checked before a parser sees it: elements, depth, open formatting, attributes.

A parser needs time and memory for the product of some of them: a page of 50 kB can take minutes and gigabytes. Two of
three newspapers' pages have too few tags to reach a bound, wherever these stand: that takes a tenth of the time to see.
The tags of others are followed as the HTML standard nests them, as far as that takes one look at each: what it would
close is closed here.
"""

from __future__ import annotations

import re
from collections import Counter
from operator import gt
from typing import NamedTuple

from storage.model.errors import ParserLimitError

_TAG = re.compile(rb"<(?:!--|(/?)([A-Za-z][^\s/>]{0,40}))")
_START = re.compile(rb"<([A-Za-z][^\s/>]{0,40})")
_MOST_ALIKE = 3  # so many of the same are opened again
_SHORT_TAG_BYTES = 4096
_PART = re.compile(rb">|[^\s=>\"']+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s>\"']+))?")
_COMMENT_END = re.compile(rb"--!?>")
_VOID = frozenset(b"area base br col embed hr img input link meta param source track wbr".split())
_ENDED_BY_OTHERS = frozenset(b"p li dd dt option optgroup rt rp rb rtc html head body colgroup".split())
_CLOSED_AT_ONCE = _VOID | _ENDED_BY_OTHERS
_ENDED = b"wbr"
"""Stands for an element that nothing is in."""
_RAW = frozenset(b"script style textarea title xmp iframe noembed noframes".split())
_FORMATTING = frozenset(b"a b big code em font i nobr s small strike strong tt u".split())
_FENCES = frozenset(b"object applet marquee template table td th caption svg math".split())
"""Elements out of which no end tag of an outer element reaches."""
_FOREIGN = frozenset((b"svg", b"math"))
_CELLS = frozenset((b"td", b"th", b"caption"))
_OF_TABLES = _CELLS | frozenset((b"tr", b"tbody", b"thead", b"tfoot"))


class MarkupBounds(NamedTuple):
    """The most of each that a page may have."""

    elements: int = 100_000
    depth: int = 512  # as in browsers
    formatting: int = 256
    """Open elements like ``b``, which a parser opens again in each block that follows."""
    reopened: int = 300_000
    attributes: int = 1000


BOUNDS = MarkupBounds()
_BOUNDED = ("elements", "nested elements", "open formatting elements", "formatting elements that are opened again")


class _Fence:
    """The open elements within one fence, and the formatting that is opened again within it."""

    def __init__(self, name: bytes) -> None:
        self.name = name
        self.open: list[bytes] = []
        self.counts: Counter[bytes] = Counter()
        self.formatting: Counter[bytes] = Counter()


class _Nesting:
    def __init__(self, bounds: MarkupBounds) -> None:
        self._most = bounds[:4]
        self._fences = [_Fence(b"")]
        self._elements = self._depth = self._formatting = self._reopened = 0

    @property
    def is_foreign(self) -> bool:
        return any(fence.name in _FOREIGN for fence in self._fences)

    def open(self, name: bytes, is_bare: bool) -> None:
        """Note a start tag; *is_bare*: it has no attributes."""
        self._elements += 1
        self._reopened += self._formatting
        if name not in _CLOSED_AT_ONCE:
            if name in _OF_TABLES and not self._leave_cell():
                return
            if name in _FENCES:
                self._fences.append(_Fence(name))
                self._formatting = 0
                self._depth += 1
            elif name not in _OF_TABLES:
                self._open_in(self._fences[-1], name, is_bare)
        at = (self._elements, self._depth, self._formatting, self._reopened)
        if any(map(gt, at, self._most)):
            self._check(at)

    def _open_in(self, fence: _Fence, name: bytes, is_bare: bool) -> None:
        if name == b"a" and fence.counts[name]:
            return  # it ends the one before it
        fence.open.append(name)
        fence.counts[name] += 1
        self._depth += 1
        if name in _FORMATTING and not (is_bare and fence.formatting[name] >= _MOST_ALIKE):
            fence.formatting[name] += 1
            self._formatting += 1

    def _leave_cell(self) -> bool:
        """Leave the cell that a new cell or row ends; say whether there is a table for it."""
        if self._fences[-1].name in _CELLS:
            self._leave()
        return self._fences[-1].name in (b"table", b"template")

    def close(self, name: bytes) -> None:
        fence = self._fences[-1]
        if fence.formatting[name] > 0:
            fence.formatting[name] -= 1
            self._formatting -= 1
        if fence.counts[name]:
            while True:
                last = fence.open.pop()
                fence.counts[last] -= 1
                self._depth -= 1
                if last == name:
                    break
        elif name in _FENCES and any(one.name == name for one in self._fences):
            while self._leave() != name:
                pass

    def _leave(self) -> bytes:
        fence = self._fences.pop()
        self._depth -= 1 + len(fence.open)
        self._formatting = self._fences[-1].formatting.total()
        return fence.name

    def _check(self, at: tuple[int, ...]) -> None:
        for what, number, most in zip(_BOUNDED, at, self._most, strict=True):
            if number > most:
                raise ParserLimitError(f"more than {most:,} {what}")


def check_markup(body: bytes, bounds: MarkupBounds = BOUNDS) -> None:
    """Raise ParserLimitError when *body*, a page, is more than a parser should be given."""
    has_long_tags = _may_have_long_tags(body)
    if has_long_tags or not _has_few_tags(body, bounds):
        _follow_tags(body, bounds, has_long_tags)


def _may_have_long_tags(body: bytes) -> bool:
    """Say whether a tag may begin somewhere that does not end soon."""
    long = (part for part in body.split(b">") if len(part) >= _SHORT_TAG_BYTES)
    return any(_START.search(part, 0, len(part) - _SHORT_TAG_BYTES + 2) for part in long)


def _has_few_tags(body: bytes, bounds: MarkupBounds) -> bool:
    """Say whether *body* has too few start tags to reach a bound other than that of attributes.

    An open link ends the one before it, so that one is open at a time, and one more behind each fence.
    """
    counts = Counter(map(bytes.lower, _START.findall(body)))
    elements = counts.total()
    links = 1 + sum(counts[name] for name in _FENCES)
    nested = links + sum(count for name, count in counts.items() if name not in _CLOSED_AT_ONCE and name != b"a")
    formatting = links + sum(counts[name] for name in _FORMATTING if name != b"a")
    return not any(map(gt, (elements, nested, formatting, elements * formatting), bounds))


def _follow_tags(body: bytes, bounds: MarkupBounds, has_long_tags: bool) -> None:
    nesting = _Nesting(bounds)
    place = 0
    for found in _TAG.finditer(body):
        if found.start() < place:
            continue  # within a comment, or what is no markup
        place = found.end()
        end, name = found.groups()
        if name is None:
            place = _skip_comment(body, place)
            continue
        name = name.lower()
        if end:
            nesting.close(name)
            continue
        is_bare = body.startswith(b">", place)
        if has_long_tags:
            place = _check_attributes(body, place, bounds.attributes)
        if name in _RAW and not nesting.is_foreign:
            place = _skip_raw(body, place, name)
            name = _ENDED  # its end tag was skipped too
        elif name == b"plaintext":
            return
        nesting.open(name, is_bare)


def _skip_comment(body: bytes, place: int) -> int:
    if body[place : place + 2] == b"->" or body[place : place + 1] == b">":
        return place
    found = _COMMENT_END.search(body, place)
    return found.end() if found else len(body)


def _skip_raw(body: bytes, place: int, name: bytes) -> int:
    found = re.compile(b"</" + name + rb"(?=[\s/>])", re.IGNORECASE).search(body, place)
    return found.end() if found else len(body)


def _check_attributes(body: bytes, place: int, most: int) -> int:
    """Count the attributes of a tag that is long; return its end, of a short one *place*."""
    end = body.find(b">", place, place + _SHORT_TAG_BYTES)
    if end >= 0 or len(body) - place < _SHORT_TAG_BYTES:
        return place
    for number, part in enumerate(_PART.finditer(body, place)):
        if part[0] == b">":
            return part.end()
        if number >= most:
            raise ParserLimitError(f"more than {most:,} attributes")
    return len(body)
