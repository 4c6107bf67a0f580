"""WARC 1.1 records as bytes (ISO 28500:2017): header lines, warc-fields, dates, digests."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from itertools import count
from uuid import UUID

WARC_VERSION = "WARC/1.1"
IDENTICAL_PAYLOAD = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
NOT_MODIFIED = "http://netpreserve.org/warc/1.1/revisit/server-not-modified"

Fields = list[tuple[str, str]]

_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_PAIRS = [first + second for first in _BASE32 for second in _BASE32]  # base64.b32encode takes ten times as long
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def escape_line(text: str) -> str:
    """Return *text* with every control character and line end percent-encoded: it cannot start a header."""
    if text.isprintable():
        return text
    return _CONTROL.sub(lambda match: "".join(f"%{byte:02X}" for byte in match[0].encode()), text)


def write_fields(fields: Iterable[tuple[str, str]]) -> bytes:
    """Return ``name: value`` lines, values made safe by ``escape_line``."""
    return "".join(f"{name}: {escape_line(value)}\r\n" for name, value in fields).encode(errors="backslashreplace")


def read_fields(block: bytes) -> Fields:
    """Return the fields of *block*, which ``write_fields`` wrote; other lines are passed over."""
    fields = []
    for line in block.decode(errors="replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.append((name, value.strip()))
    return fields


def write_record_head(fields: Fields, length: int) -> bytes:
    """Return a record's version line and header for a block of *length* bytes."""
    return WARC_VERSION.encode() + b"\r\n" + write_fields([*fields, ("Content-Length", str(length))]) + b"\r\n"


@lru_cache(maxsize=16)  # the records of an exchange have one date
def write_date(moment: datetime) -> str:
    """Return *moment* as WARC-Date: UTC, to the microsecond."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")  # %Y gives year 1 one digit


def parse_warc_date(text: str) -> datetime:
    """Parse a WARC-Date of any of the precisions that WARC 1.0 and 1.1 allow down to the second."""
    return datetime.fromisoformat(text).astimezone(UTC)


def id_series(start: UUID) -> Callable[[], str]:
    """Return a maker of record ids: UUIDs of version 8 (RFC 9562) as random as *start*, ending in a count of 32 bits.

    Ids that are alike compress: a record names up to four of them, and every index names them again.
    """
    alike = UUID(f"{start.hex[:12]}8{start.hex[13:]}").urn[:-8]
    numbers = count()
    return lambda: f"{alike}{next(numbers):08x}"


def label_sha1(digest: bytes) -> str:
    """Return a SHA-1 as WARC has it: ``sha1:`` and base32."""
    number = int.from_bytes(digest)
    return "sha1:" + "".join([_PAIRS[number >> shift & 1023] for shift in range(150, -1, -10)])
