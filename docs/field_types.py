"""Types as the tables of docs/format.md name them: of JSON for records."""

from __future__ import annotations

import types
from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, JsonValue

from storage.model.source import Source

_PLAIN = {
    bool: "boolean", int: "integer", float: "number", str: "string",
    datetime: "time", AwareDatetime: "time", date: "date",
}  # fmt: skip
"""Of two kinds that are one the other's, the narrower first."""


def json_type(annotation: Any) -> str:
    """Return what a field of this annotation is in JSON; a record is a link to its table."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return json_type(arguments[0])
    if origin is Literal:
        return "string"
    if origin in (Union, types.UnionType):
        kinds = dict.fromkeys(json_type(one) for one in arguments if one is not types.NoneType)
        return " or ".join([*kinds, *(["null"] if types.NoneType in arguments else [])])
    if origin is tuple:
        return f"list of {json_type(arguments[0])}"
    if origin is not None and issubclass(origin, Mapping):
        return f"object of {json_type(arguments[1])}"
    if annotation is JsonValue:
        return "any JSON"
    if annotation is Source:
        return "[card](../seeds/README.md)"
    if issubclass(annotation, BaseModel):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    return next(name for kind, name in _PLAIN.items() if issubclass(annotation, kind))
