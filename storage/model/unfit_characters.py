"""Characters unfit for a terminal: they move its cursor, control it, or change the order in which text is read.

C0 but tab and line end, DEL, C1 (an escape sequence begins with ESC or CSI), the bidirectional overrides; and halves of
surrogate pairs, which cannot be printed at all.
"""

from __future__ import annotations

import re

UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def escape_unfit(text: str) -> str:
    """Return *text* with each unfit character as Python writes it: ``\\x1b``, ``\\u202e``."""
    return text if text.isascii() and text.isprintable() else UNFIT.sub(_as_python, text)


def escape_unfit_json(line: str) -> str:
    """Return JSON that says the same without an unfit character."""
    return line if line.isascii() and line.isprintable() else UNFIT.sub(_as_json, line)


def _as_python(found: re.Match[str]) -> str:
    code = ord(found[0])
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"


def _as_json(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"
