"""XPath expressions over tags and attributes, evaluated without libxml2: the same elements in a third of the time.

libxml2 calls Python for every regular expression and every element. Here each combination of a tag and attributes is
judged once and remembered: a page has about a hundred, most of them on many elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

from lxml.etree import XPath
from lxml.html import HtmlElement

Find = Callable[[HtmlElement], list[HtmlElement]]
"""Returns some of the elements below one, in page order."""

_Attributes = dict[str, str]
"""In the order of the page: of two names in ``@id|@class`` XPath reads the first that is there."""
_Test = Callable[[str, _Attributes], bool]
_Value = Callable[[_Attributes], str | None]

_MOST_REMEMBERED = 2_048
_LONG = 300
"""Hardly two elements have the same attributes where these have more characters."""
_FIRST, _FIRST_OF_PARENT = ")[1]", "[1]"
_TOKEN = re.compile(
    r"\s*(?:\.//\*\[(?P<tags>self::\w+(?:\s+or\s+self::\w+)*)\]|\.//(?P<path>\*|\w+)|'(?P<text>[^']*)'|@(?P<name>[\w-]+)|"
    r"self::(?P<self>\w+)|(?P<word>[a-z][a-z:-]*)|(?P<sign>\)\[1\]|\[1\]|[\[\]()|=,]))"
)


def quicken(xpath: XPath) -> Find:
    """Return what finds the same elements as *xpath*: faster where that looks at tags and attributes alone.

    Where only its last condition looks at more, it is asked of pages on which an element fulfills the others.
    """
    try:
        return AttributeRule(xpath.path)
    except ValueError:
        others, cut, _ = xpath.path.rpartition("][")
    try:
        others_hold = AttributeRule(f"{others}]") if cut else None
    except ValueError:
        others_hold = None
    asked = cast(Find, xpath)
    return (lambda tree: asked(tree) if others_hold(tree) else []) if others_hold else asked


class AttributeRule:
    """Finds what an XPath *expression* does. Raises ValueError for one that looks at more than tags and attributes."""

    def __init__(self, expression: str) -> None:
        reader = _ExpressionReader(expression)
        self._paths, self._scope = reader.read_expression()
        self._names, self._pairs = sorted(reader.names), reader.pairs
        tags = [path.tags for path in self._paths]
        self._tags = sorted(frozenset[str]().union(*tags)) if all(tags) else ["*"]
        self._remembered: dict[tuple[object, ...], bool] = {}

    def __call__(self, tree: HtmlElement) -> list[HtmlElement]:
        found = self._find(tree)
        if self._scope == _FIRST:
            return [element for element in (next(found, None),) if element is not None]
        if self._scope == _FIRST_OF_PARENT:
            first: dict[HtmlElement | None, HtmlElement] = {}
            for element in found:
                first.setdefault(element.getparent(), element)
            return list(first.values())
        return list(found)

    def _find(self, tree: HtmlElement) -> Iterator[HtmlElement]:
        remembered, names, pairs = self._remembered, self._names, self._pairs
        for element in tree.iterdescendants(*self._tags):
            get = element.get
            key: tuple[object, ...] = (element.tag, *map(get, names))
            for one, other in pairs:
                if get(one) is not None and get(other) is not None:
                    key += tuple(name for name, _ in element.items() if name in (one, other))
            matches = remembered.get(key)
            if matches is None:
                matches = self._judge(element, key)
            if matches:
                yield element

    def _judge(self, element: HtmlElement, key: tuple[object, ...]) -> bool:
        attributes = dict(element.items())
        matches = any(path.matches(element.tag, attributes) for path in self._paths)
        if len(self._remembered) >= _MOST_REMEMBERED:
            self._remembered.clear()
        if all(len(attributes[name]) < _LONG for name in self._names if name in attributes):
            self._remembered[key] = matches
        return matches


class _Path(NamedTuple):
    """One of the paths of an expression: ``.//*[self::div][@id]``. No *tags* are all tags."""

    tags: frozenset[str]
    tests: tuple[_Test, ...]

    def matches(self, tag: str, attributes: _Attributes) -> bool:
        return (not self.tags or tag in self.tags) and all(test(tag, attributes) for test in self.tests)


class _ExpressionReader:
    """Reads an XPath expression into tests. Raises ValueError for what it does not know."""

    def __init__(self, expression: str) -> None:
        self.names: set[str] = set()
        """The attributes that the expression reads."""
        self.pairs: set[tuple[str, str]] = set()
        """Those of which it reads the first that is there."""
        self._tokens = [*_cut_tokens(expression.strip()), ("end", "")]
        self._place = 0

    def read_expression(self) -> tuple[list[_Path], str | None]:
        """Return the paths, and which of the elements found are meant: all, or only the first."""
        is_wrapped = self._skip("sign", "(")
        paths = [self._read_path()]
        while self._skip("sign", "|"):
            paths.append(self._read_path())
        scope = next((one for one in (_FIRST, _FIRST_OF_PARENT) if self._skip("sign", one)), None)
        if is_wrapped != (scope == _FIRST) or (scope == _FIRST_OF_PARENT and len(paths) > 1):
            raise ValueError("parentheses")
        self._take("end")
        return paths, scope

    def _read_path(self) -> _Path:
        listed = self._take("tags" if self._is_next("tags") else "path")
        tags = re.findall(r"self::(\w+)", listed) or [listed]
        tests = []
        while self._skip("sign", "["):
            tests.append(self._read_any())
            self._take("sign", "]")
        return _Path(frozenset(tags) - {"*"}, tuple(tests))

    def _read_any(self) -> _Test:
        tests = [self._read_one()]
        while self._skip("word", "or"):
            tests.append(self._read_one())
        return _join(tests)

    def _read_one(self) -> _Test:
        if self._skip("word", "not"):
            denied = self._read_one()
            return lambda tag, attributes: not denied(tag, attributes)
        if self._skip("sign", "("):
            grouped = self._read_any()
            self._take("sign", ")")
            return grouped
        if self._is_next("self"):
            named = self._take("self")
            return lambda tag, _: tag == named
        return self._read_call(self._take("word")) if self._is_next("word") else self._read_comparison()

    def _read_comparison(self) -> _Test:
        is_one = self._tokens[self._place + 1] != ("sign", "|")
        read = self._read_names()
        if not self._skip("sign", "="):
            return lambda _, attributes: read(attributes) is not None
        if not is_one:
            raise ValueError("a comparison with either of two attributes")
        text = self._take("text")
        return lambda _, attributes: read(attributes) == text

    def _read_call(self, function: str) -> _Test:
        self._take("sign", "(")
        read = self._read_value()
        self._take("sign", ",")
        text = self._take("text")
        flags = self._take("text") if self._skip("sign", ",") else ""
        self._take("sign", ")")
        if function == "re:test":
            return _build_search(read, re.compile(text, re.IGNORECASE if flags == "i" else 0))
        if function == "starts-with":
            return lambda _, attributes: (read(attributes) or "").startswith(text)
        if function == "contains":
            return lambda _, attributes: text in (read(attributes) or "")
        raise ValueError(function)

    def _read_value(self) -> _Value:
        """Read what a function is asked about: an attribute, maybe with other letters: ``translate(@id, 'N', 'n')``."""
        if not self._skip("word", "translate"):
            return self._read_names()
        self._take("sign", "(")
        read = self._read_names()
        self._take("sign", ",")
        letters = self._take("text")
        self._take("sign", ",")
        table = str.maketrans(letters, self._take("text"))
        self._take("sign", ")")
        return lambda attributes: (read(attributes) or "").translate(table)

    def _read_names(self) -> _Value:
        """Read one name, or two of which the first on the element is meant."""
        name = self._take("name")
        self.names.add(name)
        if not self._skip("sign", "|"):
            return lambda attributes: attributes.get(name)
        other = self._take("name")
        self.names.add(other)
        self.pairs.add((name, other))
        return lambda attributes: next((value for one, value in attributes.items() if one in (name, other)), None)

    def _is_next(self, kind: str, text: str | None = None) -> bool:
        found = self._tokens[self._place]
        return found[0] == kind and text in (None, found[1])

    def _skip(self, kind: str, text: str) -> bool:
        """Go past the next token if it is *text*; say whether it was."""
        is_next = self._is_next(kind, text)
        self._place += is_next
        return is_next

    def _take(self, kind: str, text: str | None = None) -> str:
        """Go past the next token, which must be of *kind*, and return it."""
        if not self._is_next(kind, text):
            raise ValueError(f"{self._tokens[self._place][1]!r} instead of {text or kind}")
        self._place += 1
        return self._tokens[self._place - 1][1]


def _cut_tokens(expression: str) -> Iterator[tuple[str, str]]:
    place = 0
    while place < len(expression):
        found = _TOKEN.match(expression, place)
        if found is None or found.lastgroup is None:
            raise ValueError(f"not known: {expression[place : place + 20]}")
        yield found.lastgroup, found[found.lastgroup]
        place = found.end()


def _build_search(read: _Value, pattern: re.Pattern[str]) -> _Test:
    """Return what says whether *pattern* is in a value; one that is missing is an empty text."""
    search = pattern.search
    is_in_nothing = search("") is not None

    def test(_: str, attributes: _Attributes) -> bool:
        value = read(attributes)
        return is_in_nothing if value is None else search(value) is not None

    return test


def _join(tests: list[_Test]) -> _Test:
    """Return what says whether any of *tests* holds."""
    if len(tests) == 1:
        return tests[0]

    def hold(tag: str, attributes: _Attributes) -> bool:
        for test in tests:  # ``any`` takes twice as long  # noqa: SIM110
            if test(tag, attributes):
                return True
        return False

    return hold
