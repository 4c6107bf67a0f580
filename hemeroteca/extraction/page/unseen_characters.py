"""The characters of a page that show nothing, and references that software escaped twice: mended in the source.

Soft hyphens, zero-width spaces, direction marks and control characters leave the source, written as they are or as
character references, so that nobody who reads the page meets them. Joiners (U+200C, U+200D) stay where they join: in
Persian, in the scripts of India, in emoji.
"""

from __future__ import annotations

import html
import re
from html.entities import html5

_JOINERS = "\u200c\u200d"
_UNSEEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u034f\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f"
    r"\ufeff\ufff9-\ufffc]"
)
_SPACES = frozenset("\x0b\x0c\x85")
_LOOSE_JOINER = re.compile(
    r"(?<![;\u0600-\u1cff\u2190-\u2bff\ua840-\uabff\ufb50-\ufdff\ufe0f\ufe70-\ufefc\U00010a00-\U00011fff\U0001f000-\U0001faff])"
    r"[\u200c\u200d]|\u200c(?=[\s\u200c])"
)
"""A joiner after no letter or emoji that joins. A semicolon may end the reference to such a letter."""

_NAMED = sorted(name[:-1] for name, text in html5.items() if name[-1] == ";" and _UNSEEN.fullmatch(text))
_REFERENCE = re.compile(rf"&(?:#(?:[xX][0-9a-fA-F]{{1,6}}|[0-9]{{1,7}});?|(?:{'|'.join(_NAMED)}|zwnj|zwj);)")

_TWICE = r"&(?:amp;)+(?=(?:{});)"
_PLAIN = (
    r"amp|quot|apos|nbsp|#0?39|#x27|#160|#8[0-9]{3}|[lr][sd]quo|hellip|[mn]dash|"
    r"[a-zA-Z](?:acute|grave|uml|circ|tilde|cedil)"
)
"""References that nobody writes about, so that they were escaped by software where they are escaped twice."""
_PLAINLY_TWICE = re.compile(_TWICE.format(_PLAIN))
_TOKEN = re.compile(
    r"<(/?)(script|style|textarea|code|pre|kbd|samp|xmp)\b[^<>]*|<[a-zA-Z][^<>]*|"
    + _TWICE.format(_PLAIN + r"|[a-zA-Z]{2,8}\d{0,2}|#\d{1,6}|#[xX][0-9a-fA-F]{1,5}")
)


def mend_characters(source: str) -> str:
    """Return the HTML *source* without characters that show nothing, references escaped twice as they are meant."""
    if _PLAINLY_TWICE.search(source):
        source = _unescape_once(source)
    return drop_unseen(_REFERENCE.sub(_read_reference, source))


def drop_unseen(text: str) -> str:
    """Return *text* without characters that show nothing; line breaks and tabs stay."""
    if text.isascii() and text.isprintable():
        return text
    text = _UNSEEN.sub(_show, text)
    if _JOINERS[0] in text or _JOINERS[1] in text:
        text = _LOOSE_JOINER.sub("", text)
    return text


def _show(found: re.Match[str]) -> str:
    """Return what is shown for a character of ``_UNSEEN``.

    A lone control between ASCII characters is a sign of windows-1252 that was taken for Unicode.
    """
    character = found[0]
    if character in _SPACES:
        return " "
    around = found.string[found.start() - 1 : found.start()] + found.string[found.end() : found.end() + 1]
    if "\x80" <= character <= "\x9f" and around.isascii():
        return character.encode("latin-1").decode("cp1252", "ignore")
    return ""


def _read_reference(found: re.Match[str]) -> str:
    """Return what a reference to an unseen character shows; a joiner as itself, any other reference as it is."""
    reference = found[0]
    if reference[1] != "#":
        return html.unescape(reference) if reference[1] == "z" else ""
    digits = reference[2:].rstrip(";")
    code = int(digits[1:], 16) if digits[0] in "xX" else int(digits)
    character = chr(code) if code < 0x110000 else ""
    if character and character in _JOINERS:
        return character
    return _UNSEEN.sub(_show, character) if _UNSEEN.match(character) else reference


def _unescape_once(source: str) -> str:
    """Return *source* with references in its text that were escaped twice escaped once.

    Attributes and scripts may hold a text that is escaped for a second reader, and code may speak of references.
    """
    open_code = 0

    def mend(found: re.Match[str]) -> str:
        nonlocal open_code
        if found[0][0] == "&":
            return found[0] if open_code else "&"
        if found[2]:
            open_code = max(0, open_code + (-1 if found[1] else 1))
        return found[0]

    return _TOKEN.sub(mend, source)
