"""The body of an article in a value of JSON: HTML, a list of paragraphs, or a tree of them as editors keep it."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from hemeroteca.extraction.page.declared_paywall import is_locked_node
from hemeroteca.extraction.page.json_ld import is_same_headline
from hemeroteca.extraction.page.page_data import MIN_CHARACTERS, ScriptStrings, parse_data
from hemeroteca.extraction.page.untrusted_strings import fold_words

MAX_VALUES = 200_000
"""Values that are looked at in all the data of a page."""
MAX_STRINGS = 20_000
_CHARS_A_VALUE = 100
"""So many characters of a string cost as much as a value."""
_MAX_DEPTH = 60
_LINE_CHARS = 40
_NESTED_CHARS = 200
_MOST_TITLES = 20
_MAX_TITLE_CHARS = 500
_MOST_SENTENCES = 2_000
_MOST_OTHERS = 3
_MIN_OTHER_CHARS = 500
_MAX_LINE_CHARS = 5_000
_END_CHARS = 10
_NO_TEXT = re.compile(
    r"comment|related|recommend|teaser|author|byline|\bbio\b|caption|credit|image|photo|picture|figure|video|audio|embed|"
    r"gallery|slideshow|media|menu|navigation|footer|header|cookie|consent|privacy|terms|legal|newsletter|subscri|promo|"
    r"advert|\bads?\b|sponsor|\btags?\b|categor|keyword|summary|excerpt|description|abstract|seo|opengraph|twitter|"
    r"translation|messages|locale|i18n|label|config|settings|error|interstitial|social|oembed|reference|button|"
    r"schema|\bscripts?\b|style|most_?read|trending|latest|search|sidebar|widget",
    re.IGNORECASE,
)
"""Keys of what is no part of an article's text."""
_NO_TEXT_TYPES = re.compile(
    r"image|picture|video|audio|embed|gallery|slideshow|advert|\bads?\b|promo|related|recommend|newsletter|social|oembed|"
    r"interstitial|caption|credit|byline|author|button|\bscript|\bstyle|iframe|teaser|\bpoll|quiz|widget",
    re.IGNORECASE,
)
_TITLE_KEYS = ("headline", "title", "headlines", "heading", "name", "titel", "titulo", "titre", "webTitle", "h1")
_TYPE_KEYS = ("tagName", "nodeType", "_type", "__typename", "type", "kind", "blockName")
_TEXT_KEYS = (
    "articleBody", "bodyHtml", "body_html", "bodyHTML", "contentHtml", "content_html", "html", "innerHTML", "rendered",
    "content_elements", "body", "content", "contents", "children", "root", "paragraphs", "blocks", "elements", "nodes",
    "items", "components", "text", "value", "paragraph", "markup", "model", "data", "fields", "attributes", "attrs",
    "props", "json", "document", "richText", "story", "copy",
)  # fmt: skip
"""Where a node has its text; the first that has any counts."""
_INLINE = frozenset({"text", "span", "link", "hyperlink", "a", "b", "i", "em", "strong", "u", "mark", "leaf", "inline"})
_ENDS = re.compile(r"[.!?…。！？।؟։።][\"'”’»)\]]*\Z")
_TAG = re.compile(r"<[^<>]*>")


class Body(NamedTuple):
    """A body found in data. ``is_own``: it stands beside the headline of the page."""

    parts: tuple[str, ...]
    """HTML or plain text, each a paragraph or more."""
    is_own: bool
    is_locked: bool
    """The data says that readers must pay."""

    @property
    def chars(self) -> int:
        return sum(map(count_text, self.parts))


def count_text(part: str) -> int:
    """Return how many characters of text *part*, HTML or plain, has."""
    return len(_TAG.sub("", part)) if "<" in part else len(part)


class BodyFinder:
    """Finds the bodies in the values of one page, whose folded headlines are *titles*."""

    def __init__(self, titles: set[str]) -> None:
        self._titles = titles
        self._left = MAX_VALUES

    def find_bodies(self, value: Any) -> Iterator[Body]:
        """Yield the bodies in *value*: those beside a headline of the page, and whatever else may be one."""
        if isinstance(value, ScriptStrings):
            yield from self._read_strings(value)
            return
        references = _index_references(value)
        waiting: list[tuple[Any, bool]] = [(value, False)]
        while waiting and self._left > 0:
            one, locked = waiting.pop()
            self._left -= 1
            if isinstance(one, str):
                self._left -= len(one) // _CHARS_A_VALUE
                one = _read_nested(one)
            if isinstance(one, dict):
                locked = locked or is_locked_node(one)
                body = self._read_body(one, locked, references)
                if body is not None:
                    yield body
                    continue
                waiting += [(inner, locked) for key, inner in one.items() if not _is_no_text(key)][::-1]
            elif isinstance(one, list):
                parts = self._collect(one, references, 0)
                if _is_body(parts):
                    yield Body(tuple(parts), False, locked)
                    continue
                waiting += [(inner, locked) for inner in reversed(one)]

    def _read_body(self, node: dict[str, Any], locked: bool, references: dict[str, Any]) -> Body | None:
        """Return the body that *node* has under one of its keys: of an article with the page's headline, or HTML."""
        if self._has_own_title(node):
            inner_locked = any(is_locked_node(inner) for inner in node.values() if isinstance(inner, dict))
            parts = self._read_own_parts(node, references)
            return Body(tuple(parts), True, locked or inner_locked) if _count_prose(parts) >= MIN_CHARACTERS else None
        html = [value for key, value in node.items() if isinstance(value, str) and not _is_no_text(key)]
        best = max(filter(_is_html_body, html), key=len, default=None)
        return Body((best,), False, locked) if best else None

    def _read_own_parts(self, node: dict[str, Any], references: dict[str, Any]) -> list[str]:
        """Return the paragraphs of an article's *node*, from the keys that name a text if they have enough."""
        named = [self._collect(node[key], references, 0) for key in _TEXT_KEYS if key in node]
        best = max(named, key=_count_prose, default=[])
        if _count_prose(best) >= MIN_CHARACTERS:
            return best
        others = [key for key in node if key not in _TITLE_KEYS and not _is_no_text(key)]
        return max((self._collect(node[key], references, 0) for key in others), key=_count_prose, default=[])

    def _read_strings(self, value: ScriptStrings) -> Iterator[Body]:
        """Yield the HTML nearest to a headline of the page, else the sentences after one."""
        strings = value.strings[:MAX_STRINGS]
        titles = [at for at, (_, text) in enumerate(strings) if self._is_title(text)]
        html = [at for at, (key, text) in enumerate(strings) if _is_html_body(text) and not _is_no_text(key)]
        if titles and html:
            nearest = min(html, key=lambda at: min(abs(at - title) for title in titles[:_MOST_TITLES]))
            yield Body((strings[nearest][1],), True, value.is_locked)
            return
        runs = [_read_run(strings[at + 1 : at + _MOST_SENTENCES]) for at in titles[:_MOST_TITLES]]
        best = max(runs, key=_count_prose, default=[])
        if _count_prose(best) >= MIN_CHARACTERS:
            yield Body(tuple(best), True, value.is_locked)
        for at in () if titles else html:
            yield Body((strings[at][1],), False, value.is_locked)

    def _is_title(self, text: str) -> bool:
        folded = fold_words(_TAG.sub(" ", text)) if len(text) <= _MAX_TITLE_CHARS else ""
        return bool(folded) and any(is_same_headline(folded, one) for one in self._titles)

    def _has_own_title(self, node: dict[str, Any]) -> bool:
        for key in _TITLE_KEYS:
            value = node.get(key)
            titles = value.values() if isinstance(value, dict) else value if isinstance(value, list) else (value,)
            some = itertools.islice(titles, _MOST_TITLES)
            if any(isinstance(title, str) and self._is_title(title) for title in some):
                return True
        return False

    def _collect(self, value: Any, references: dict[str, Any], depth: int) -> list[str]:
        """Return the paragraphs in *value*, in their order."""
        self._left -= 1 + (len(value) // _CHARS_A_VALUE if isinstance(value, str) else 0)
        if self._left < 0 or depth > _MAX_DEPTH:
            return []
        if isinstance(value, str):
            nested = _read_nested(value)
            return [value] if nested is value and value.strip() else self._collect_node(nested, references, depth)
        return self._collect_node(value, references, depth)

    def _collect_node(self, value: Any, references: dict[str, Any], depth: int) -> list[str]:
        if isinstance(value, list):
            return self._collect_list(value, references, depth)
        if not isinstance(value, dict):
            return []
        value = _follow(value, references)
        if _is_no_text_type(_read_type(value)):
            return []
        keys = [key for key in _TEXT_KEYS if key in value]
        return next((found for key in keys if (found := self._collect(value[key], references, depth + 1))), [])

    def _collect_list(self, values: list[Any], references: dict[str, Any], depth: int) -> list[str]:
        """Return the paragraphs of a list; neighbours that are pieces of one line are joined."""
        parts: list[str] = []
        was_inline = False
        is_mixed = any(isinstance(value, dict) and _is_inline(value) for value in values)
        for value in values:
            found = self._collect(value, references, depth + 1)
            inline = is_mixed and (isinstance(value, str) or (isinstance(value, dict) and _is_inline(value)))
            if inline and was_inline and found and parts and not _begins_anew(parts[-1], found[0]):
                parts[-1] += "".join(found)
            else:
                parts += found
            was_inline = inline and bool(parts)
        return parts


def _read_run(strings: list[tuple[str, str]]) -> list[str]:
    """Return the sentences of one name with which *strings* begin, a few others among them."""
    run: list[str] = []
    name, others = None, 0
    for key, text in strings:
        is_sentence = _ENDS.search(text.rstrip()[-_END_CHARS:]) and _count_prose([text]) and not _is_no_text(key)
        if is_sentence and name in (None, key):
            run.append(text)
            name, others = key, 0
        else:
            others += 1
            if others > _MOST_OTHERS:
                break
    return run


def _index_references(value: Any) -> dict[str, Any]:
    """Return the objects of a normalized cache by their names, as Apollo keeps them."""
    for one in (value, *(value.values() if isinstance(value, dict) else ())):
        if isinstance(one, dict) and "ROOT_QUERY" in one:
            return one
    return {}


def _follow(node: dict[str, Any], references: dict[str, Any]) -> dict[str, Any]:
    name = node.get("__ref") or (node.get("id") if node.get("type") == "id" else None)
    other = references.get(name) if isinstance(name, str) else None
    return other if isinstance(other, dict) else node


def _read_nested(text: str) -> Any:
    """Return the value of *text* where it is JSON itself, else *text*."""
    if len(text) < _NESTED_CHARS or text.lstrip()[:1] not in ("{", "["):
        return text
    value = parse_data(text)
    return text if value is None else value


def _read_type(node: dict[str, Any]) -> str:
    return next((value for key in _TYPE_KEYS if isinstance(value := node.get(key), str) and value != "element"), "")


def _is_inline(node: dict[str, Any]) -> bool:
    """Say whether *node* may be a piece of a line: a text with its marks, or a link."""
    kind = _read_type(node).lower()
    if kind:
        return kind in _INLINE and not {"content_elements", "html"} & node.keys() and not _is_text(node.get("content"))
    return _is_text(node.get("text"))


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _begins_anew(before: str, text: str) -> bool:
    """Say whether *text* begins a paragraph, and does not go on with the line *before*."""
    ends = len(before) > _MAX_LINE_CHARS or _ENDS.search(before[-_END_CHARS:]) is not None
    return ends and not text[:1].isspace() and not text[:1].islower()


def _count_prose(parts: list[str]) -> int:
    """Return the characters of *parts* that are as long as sentences and have spaces where their script has."""
    long = (one for one in parts if len(one) >= _LINE_CHARS and (" " in one or not one.isascii()))
    return sum(map(count_text, long))


def _is_body(parts: list[str]) -> bool:
    """Say whether *parts* are some paragraphs, most of them sentences."""
    if len(parts) < 3 or _count_prose(parts) < _MIN_OTHER_CHARS:
        return False
    ended = [part for part in parts if "</p>" in part[-_END_CHARS:] or _ENDS.search(part.rstrip()[-_END_CHARS:])]
    return 2 * _count_prose(ended) > sum(map(count_text, parts))


def _is_html_body(text: str) -> bool:
    return text[:1] not in ("{", "[") and text.count("<p") >= 2 and _count_prose([text]) >= MIN_CHARACTERS


@functools.lru_cache(maxsize=4_096)
def _is_no_text(key: str) -> bool:
    return _NO_TEXT.search(key[:100]) is not None


@functools.lru_cache(maxsize=1_024)
def _is_no_text_type(kind: str) -> bool:
    return _NO_TEXT_TYPES.search(kind[:100]) is not None
