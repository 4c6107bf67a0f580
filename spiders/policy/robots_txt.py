"""The rules of a robots.txt (RFC 9309): parsed once, asked for each URL.

Where the RFC and Google's parser differ, the stricter reading holds: an ``Allow`` with percent-encoded letters allows
only URLs that are encoded the same way, a ``Disallow`` with them forbids every encoding.
"""

from __future__ import annotations

import math
import re
from contextlib import suppress
from typing import NamedTuple

MAX_BYTES = 500 * 1024
_WIDE = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}
_NUMBER = re.compile(r"\d{1,9}(?:[.,]\d{1,9})?")
_BYTE_ORDER_MARK = re.compile(rb"\A\xef(?:\xbb(?:\xbf)?)?")  # also one that is cut, as Google reads it
_LINE_END = re.compile(r"\r\n|\r|\n")
_KINDS = {
    "agent": "user[ -]?agent",
    "allow": "allow",
    "disallow": "diss?all?ow|dissalow|diasllow|disallaw",  # and common misspellings
    "delay": "crawl-?delay",
    "signal": "content-signal",
}
_KIND = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items())
_RECORD = re.compile(rf"\s*(?:{_KIND})(?:\s*:\s*|\s+)", re.IGNORECASE)
_NO_NAME = re.compile(r"\s*[A-Za-z-]*[^\sA-Za-z:-][^\s:]*\s*:")
_TOKEN = re.compile(r"[A-Za-z_-][A-Za-z_*-]*|\*(?=\s|$)")
_PRODUCT = re.compile(r"[A-Za-z_*-]*")
_ORIGIN = re.compile(r"(?:[A-Za-z][A-Za-z0-9+.-]*:)?//[^/?#;]*")
_ESCAPED = re.compile("%([0-9A-Fa-f]{2})")
_UNRESERVED = re.compile("[A-Za-z0-9._~-]")
_TO_ESCAPE = re.compile(r"[^!-~]|[\"<>\\^`{|}]")


class Rule(NamedTuple):
    """An ``Allow`` or ``Disallow``: its path in pieces between ``*``, up to a ``$`` if it has one; how long it is."""

    allows: bool
    pieces: tuple[str, ...]
    to_end: bool
    octets: int

    def matches(self, path: str) -> bool:
        """Say whether this rule matches *path*; the time is linear in both, however many ``*`` there are."""
        first, *others = self.pieces
        last = others.pop() if self.to_end and others else None
        if not path.startswith(first):
            return False
        place = len(first)
        for piece in others:
            found = path.find(piece, place)
            if found < 0:
                return False
            place = found + len(piece)
        if last is not None:
            return len(path) - len(last) >= place and path.endswith(last)
        return not self.to_end or place == len(path)


class Group:
    """The records for some product tokens; ``*`` stands for every crawler without a group of its own."""

    def __init__(self) -> None:
        self.tokens: set[str] = set()
        self.rules: list[Rule] = []
        self.delays: list[float] = []
        self.signals: list[str] = []

    def add(self, kind: str, value: str) -> None:
        if kind == "signal":
            self.signals.append(value)
        elif kind == "delay":
            if (seconds := read_seconds(value)) is not None:
                self.delays.append(seconds)
        elif value:
            self.rules.append(make_rule(kind == "allow", value))

    def names(self, token: str) -> bool:
        return any(name == token or (len(name) > 1 and _fits(token, name)) for name in self.tokens)


class CrawlerRules(NamedTuple):
    """What holds for one crawler. ``content_signal`` has the values of its group, joined by ``, ``."""

    rules: tuple[Rule, ...] = ()
    crawl_delay_seconds: float = 0.0
    content_signal: str | None = None

    def allow(self, url: str) -> bool:
        """Say whether *url* may be fetched: the longest matching rule decides, and of two as long the one that allows.

        *url* is absolute, or the path and query alone. /robots.txt always may (RFC 9309, 2.2.2).
        """
        as_it_is, plain = read_path(url, plain=False), read_path(url, plain=True)
        if plain == "/robots.txt":
            return True
        best = (-1, True)
        for rule in self.rules:
            if (rule.octets, rule.allows) > best and (rule.matches(plain) or (rule.allows and rule.matches(as_it_is))):
                best = rule.octets, rule.allows
        return best[1]


class RobotsTxt:
    """One file; what is beyond 500 KiB, or no record, is ignored."""

    def __init__(self, body: bytes) -> None:
        self._groups: list[Group] = []
        wide = _WIDE.get(body[:2])  # as an editor saved it; its octets are UTF-8's, as in other files
        octets = body[: 2 * MAX_BYTES].decode(wide, "replace").encode() if wide else body
        self._read(_BYTE_ORDER_MARK.sub(b"", octets[:MAX_BYTES]).decode("latin-1"))

    def find_rules(self, agent: str) -> CrawlerRules:
        """Return what holds for *agent*: a product token, or a User-Agent that begins with one."""
        groups = self._groups_of(agent)
        delays = [delay for group in groups for delay in group.delays if 0 < delay < math.inf]
        signals = [signal for group in groups for signal in group.signals]
        rules = tuple(rule for group in groups for rule in group.rules)
        return CrawlerRules(rules, max(delays, default=0.0), ", ".join(signals) or None)

    def _groups_of(self, agent: str) -> list[Group]:
        """Return the groups of *agent*, else of its name up to a hyphen (``a-b`` to ``a``), else of ``*``."""
        product = _PRODUCT.match(agent)
        token = product[0].lower() if product else ""
        while token:
            if own := [group for group in self._groups if group.names(token)]:
                return own
            token = token.rpartition("-")[0]
        return [group for group in self._groups if "*" in group.tokens]

    def _read(self, text: str) -> None:
        """Sort the records into groups. Two user-agent lines stay one group across other records (RFC 9309, 2.2.4), but
        not across a line that is no record.
        """
        group: Group | None = None
        naming = False
        for line in _LINE_END.split(text):
            line = line.partition("#")[0]
            record = _RECORD.match(line)
            if record is None:
                naming = naming and not _NO_NAME.match(line)
                continue
            kind, value = record.lastgroup or "", line[record.end() :].rstrip()
            if kind == "agent":
                if group is None or not naming:
                    group = Group()
                    self._groups.append(group)
                naming = True
                if token := _TOKEN.match(value):
                    group.tokens.add(token[0].lower())
            elif group is not None:
                naming = naming and kind not in ("allow", "disallow")
                group.add(kind, value)


def _fits(token: str, pattern: str) -> bool:
    """Say whether *pattern*, in which ``*`` stands for anything, is *token*."""
    return "*" in pattern and Rule(True, tuple(pattern.split("*")), True, 0).matches(token)


def read_seconds(text: str) -> float | None:
    """Return the number that a Crawl-delay begins with: ``3s``, ``1,5``, ``"2"``, ``10 seconds`` mean their number."""
    text = text.strip(" \t\"'")
    with suppress(ValueError):
        return float(text)
    found = _NUMBER.match(text)
    return float(found[0].replace(",", ".")) if found else None


def make_rule(allows: bool, path: str) -> Rule:
    """Return the rule of the pattern *path*, each character an octet."""
    to_end = path.endswith("$")
    spelt = _spell(path.removesuffix("$"), plain=not allows).replace("$", "%24")
    return Rule(allows, tuple(spelt.split("*")), to_end, len(_spell(path, plain=False)))


def read_path(url: str, plain: bool) -> str:
    """Return path and query of *url* as ``Rule.matches`` takes them; *plain*: without needless percent-encoding."""
    origin = _ORIGIN.match(url)
    path = url[origin.end() if origin else 0 :].partition("#")[0].encode().decode("latin-1")
    spelt = _spell(path if path.startswith("/") else f"/{path}", plain)
    return spelt.replace("$", "%24").replace("*", "%2A")


def _spell(path: str, plain: bool) -> str:
    """Percent-encode what a URL must (a character is an octet); *plain*: and decode what need not be encoded."""

    def spell(escaped: re.Match[str]) -> str:
        character = chr(int(escaped[1], 16))
        return character if plain and _UNRESERVED.fullmatch(character) else escaped[0].upper()

    return _TO_ESCAPE.sub(lambda match: f"%{ord(match[0]):02X}", _ESCAPED.sub(spell, path))
