"""The records of a WARC file, a class for each type (ISO 28500:2017 clause 6), their fields by name (clause 5).

A field that a type must have is returned, or FixityError is raised. One that it may have is None when it is missing.
"""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from storage.model.errors import FixityError
from storage.warc.fields import Fields, parse_warc_date, read_fields
from storage.warc.http import HttpHead, read_head, split_response


class WarcRecord(NamedTuple):
    """A record of any type, also of one that the standard does not name.

    ``headers`` are all of its named fields, in order; ``by_name`` has the first value of each, by lowercase name.
    ``block`` may be only the beginning of a long one. ``sha256`` (hex) is over the stored record, which takes
    ``length`` bytes at ``offset`` of its file; a record read without its file has offset 0. Record ids are bare URNs.
    """

    headers: Fields
    by_name: dict[str, str]
    block: bytes
    offset: int
    length: int
    sha256: str

    def header(self, name: str) -> str | None:
        """Return the first field *name*, whatever its case, or None."""
        return self.by_name.get(name.lower())

    def required(self, name: str) -> str:
        """Return the first field *name*. Raises FixityError when there is none."""
        value = self.header(name)
        if not value:
            raise FixityError(f"WARC record at {self.offset}: no {name}")
        return value

    def read_date(self, name: str) -> datetime:
        """Return the date in the field *name*. Raises FixityError when there is none."""
        try:
            return parse_warc_date(self.required(name))
        except ValueError as error:
            raise FixityError(f"WARC record at {self.offset}: {name}: {error}") from error

    @property
    def record_id(self) -> str:
        return _bare(self.required("WARC-Record-ID"))

    @property
    def type(self) -> str:
        return self.required("WARC-Type")

    @property
    def date(self) -> datetime:
        return self.read_date("WARC-Date")

    @property
    def content_length(self) -> int:
        """The bytes of the whole block."""
        return int(self.required("Content-Length"))

    @property
    def content_type(self) -> str | None:
        return self.header("Content-Type")

    @property
    def block_digest(self) -> str | None:
        return self.header("WARC-Block-Digest")

    @property
    def truncated(self) -> str | None:
        """Why the block is not all of what there was: ``length``, ``time``, ``disconnect``."""
        return self.header("WARC-Truncated")

    @property
    def segment_number(self) -> str | None:
        return self.header("WARC-Segment-Number")


class Warcinfo(WarcRecord):
    """What made the records that follow it (clause 6.2)."""

    __slots__ = ()

    def block_fields(self) -> Fields:
        """Return the fields that the block holds, in order."""
        return read_fields(self.block)


class WarcTargetRecord(WarcRecord):
    """A record about one address: of every type but warcinfo. A metadata record of another archive may have none."""

    __slots__ = ()

    @property
    def target_uri(self) -> str:
        uri = self.required("WARC-Target-URI")
        return uri[1:-1] if uri.startswith("<") and uri.endswith(">") else uri  # WARC 1.0 writes it in brackets

    @property
    def warcinfo_id(self) -> str | None:
        return _bare_or_none(self.header("WARC-Warcinfo-ID"))

    @property
    def payload_digest(self) -> str | None:
        """The digest of the payload; of a revisit, of the one that it refers to."""
        return self.header("WARC-Payload-Digest")


class WarcCaptureRecord(WarcTargetRecord):
    """A record made by a capture, beside others of the same capture."""

    __slots__ = ()

    @property
    def concurrent_to(self) -> tuple[str, ...]:
        """The ids of records of the same capture (clause 5.7): the one field that may stand more than once."""
        return tuple(_bare(value) for name, value in self.headers if name.lower() == "warc-concurrent-to")


class WarcRequest(WarcCaptureRecord):
    """A request as it was sent (clause 6.5)."""

    __slots__ = ()


class WarcResponse(WarcCaptureRecord):
    """A response as it came (clause 6.3)."""

    __slots__ = ()

    def read_http_head(self) -> HttpHead:
        """Return the head of the HTTP response. Raises NoMainTextError when the block has none."""
        return read_head(self.block)

    def read_http(self) -> tuple[HttpHead, bytes]:
        """Return the head and the payload of the HTTP response. Raises NoMainTextError when the block has no head."""
        return split_response(self.block)


class WarcRevisit(WarcCaptureRecord):
    """A response that adds nothing to an earlier one (clause 6.7): its block has a head at most, never a payload."""

    __slots__ = ()

    @property
    def refers_to(self) -> str | None:
        """The id of the record that has the payload."""
        return _bare_or_none(self.header("WARC-Refers-To"))

    @property
    def refers_to_target_uri(self) -> str | None:
        return self.header("WARC-Refers-To-Target-URI")

    @property
    def refers_to_date(self) -> datetime | None:
        return self.read_date("WARC-Refers-To-Date") if self.header("WARC-Refers-To-Date") else None

    def read_http_head(self) -> HttpHead:
        """Return the head of the HTTP response. Raises NoMainTextError when the block has none."""
        return read_head(self.block)


class WarcResource(WarcCaptureRecord):
    """A file or another thing without the protocol that brought it (clause 6.4)."""

    __slots__ = ()


class WarcMetadata(WarcCaptureRecord):
    """What is known of other records (clause 6.6)."""

    __slots__ = ()

    def block_fields(self) -> Fields:
        """Return the fields that the block holds, in order."""
        return read_fields(self.block)


class WarcConversion(WarcTargetRecord):
    """The content of another record in another format (clause 6.8)."""

    __slots__ = ()


class WarcContinuation(WarcTargetRecord):
    """A further part of a record that was cut into segments (clause 6.9)."""

    __slots__ = ()


CLASSES: dict[str, type[WarcRecord]] = {
    "warcinfo": Warcinfo,
    "request": WarcRequest,
    "response": WarcResponse,
    "revisit": WarcRevisit,
    "resource": WarcResource,
    "metadata": WarcMetadata,
    "conversion": WarcConversion,
    "continuation": WarcContinuation,
}
"""The class of each WARC-Type."""


def _bare(record_id: str) -> str:
    return record_id.strip("<>")


def _bare_or_none(record_id: str | None) -> str | None:
    return _bare(record_id) if record_id else None
