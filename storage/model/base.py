"""The base of everything we store: a frozen record whose times are aware and in UTC."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import Annotated, Any, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict


def _to_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC)


UtcTime = Annotated[AwareDatetime, AfterValidator(_to_utc)]
"""An aware time, held in UTC; a naive one is refused."""


class Record(BaseModel):
    """A frozen fact. At the edge (YAML, requests, forms) an unknown field is an error."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="forbid", populate_by_name=True)

    def digest(self) -> str:
        """Return the SHA-256 (hex) of this record's canonical JSON: what two equal records share."""
        return hashlib.sha256(self.model_dump_json(by_alias=True).encode()).hexdigest()

    def replace(self, **changes: Any) -> Self:
        """Return a copy with *changes*, validated again."""
        return type(self).model_validate(self.model_dump(by_alias=True) | changes)


class StoredRecord(Record):
    """A JSON record read back from the bucket: fields from later releases are kept, not refused."""

    model_config = ConfigDict(defer_build=True, frozen=True, extra="allow", populate_by_name=True)
