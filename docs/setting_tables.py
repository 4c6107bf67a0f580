"""The tables of docs/settings.md: every environment variable that is read, as the settings have it."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic.fields import FieldInfo

from hemeroteca.configuration import OTHER_VARIABLES, VARIABLES, Settings
from storage.model.limits import CrawlLimits

DEFAULTS_IN_WORDS = {
    "home": "your user's data folder; in the demo `.hemeroteca/demo` of the checkout",
    "operator": "`HEMEROTECA_CONTACT`",
    "crawl_slots": "the number of processors",
    "s3_endpoint": "AWS, with a bucket; else the embedded server",
    "s3_bucket": "`hemeroteca`, with an endpoint",
    "s3_region": "`us-east-1`",
    "s3_access_key": "boto3's own chain of keys",
    "s3_secret_key": "boto3's own chain of keys",
    "catalog": "SQLite in the home",
    "coordination": "`HEMEROTECA_CATALOG`, else SQLite in the home",
    "demo": "no",
    "nightly_cron": "`0 3 * * *`; in the demo none",
}
"""Defaults that depend on something, or that a value does not tell."""


def setting_lines(needed_by: str) -> list[str]:
    """Return the table of the settings that *needed_by* needs."""
    head = ["| variable | what it says | default | example |", "|---|---|---|---|"]
    return head + list(_rows(needed_by))


def other_variable_lines() -> list[str]:
    """Return the table of the variables that are no settings of an archive."""
    rows = [f"| `{name}` | {says} |" for name, says in OTHER_VARIABLES.items()]
    return ["| variable | what it says |", "|---|---|", *rows]


def _rows(needed_by: str) -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        if needed_by_of(field) == needed_by:
            example = (field.examples or [""])[0]
            yield f"| `{VARIABLES[name]}` | {field.description} | {_default(name, field)} | `{example}` |"


def needed_by_of(field: FieldInfo) -> str:
    """Return who needs a setting."""
    extra = field.json_schema_extra
    assert isinstance(extra, dict)
    return str(extra["needed_by"])


def _default(name: str, field: FieldInfo) -> str:
    if name in DEFAULTS_IN_WORDS:
        return DEFAULTS_IN_WORDS[name]
    value = CrawlLimits.model_fields[name].default if name in CrawlLimits.model_fields else field.default
    if value in (None, ""):
        return "none"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"
