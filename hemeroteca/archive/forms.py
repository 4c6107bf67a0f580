"""What somebody asks for, read from the form of a DAG or the options of a command, with its mistakes in their words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from storage.model.base import Record
from storage.model.errors import SeedError
from storage.model.suggestions import suggest
from storage.model.wrong_values import place_of, reason_of

FIELD_WORDS = {
    "sources": "Sources (--source)",
    "urls": "Addresses",
    "page_budget": "Page budget",
    "since": "From (--from)",
    "until": "To (--to)",
    "fresh": "Fresh (--fresh)",
    "publish": "Publish (--publish)",
}
"""What the pages of Airflow and the commands call the fields of a request."""

Form = TypeVar("Form", bound=Record)


def read_form(kind: type[Form], form: Mapping[str, object]) -> Form:
    """Return the request of *kind* that *form* makes. Raises SeedError with a line for each mistake."""
    try:
        return kind.model_validate(form)
    except ValidationError as error:
        raise SeedError("\n".join(_tell(kind, fault) for fault in error.errors())) from None


def _tell(kind: type[Record], fault: ErrorDetails) -> str:
    location = fault["loc"]
    hint = suggest(str(location[0]), kind.model_fields) if fault["type"] == "extra_forbidden" else ""
    return f"{place_of(location, FIELD_WORDS)}: {reason_of(fault)}{hint}"
