"""Numbers in place of what many rows repeat: addresses, names, sites, crawls and traits have their own tables.

A row in the making has a ``Numbered`` in each such column; ``number_rows`` puts the number there, and gives one to
what has none yet. Its caller is the only one who writes.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Sequence
from os.path import commonprefix
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, Table, func, select

from storage.database import execute_all, split_batches

_MOST_VALUES = 500
_SITE = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")

Fields = tuple[Any, ...]
Values = dict[str, Any]


class Dictionary(NamedTuple):
    """A table whose rows have a number: ``found_by`` is indexed, and ``find_by`` gives its value of some fields."""

    table: Table
    found_by: ColumnElement[Any]
    find_by: Callable[[Fields], Any]


class Numbered(NamedTuple):
    """A row of the dictionary called ``name``: all its columns but the number; fields may be numbered too."""

    name: str
    fields: Fields


def make_numbered(name: str, *fields: Any) -> Numbered:
    clean = (field.replace("\0", "\ufffd") if isinstance(field, str) else field for field in fields)
    return Numbered(name, tuple(clean))


def split_url(url: str, urlkey: str) -> tuple[str, Numbered, str, int]:
    """Return *urlkey*, the site of *url*, what follows it, and where in the urlkey (from 1) its rest begins."""
    shared = len(commonprefix((url[::-1], urlkey[::-1])))
    own = url[: len(url) - shared]
    found = _SITE.match(own)
    site = found[0] if found else ""
    return urlkey, make_numbered("name", site), own[len(site) :], len(urlkey) - shared + 1


def number_rows(connection: Connection, dictionaries: dict[str, Dictionary], rows: Sequence[Values]) -> list[Values]:
    """Return *rows* with the number in the place of each Numbered."""
    wanted = dict.fromkeys(value for row in rows for value in row.values() if isinstance(value, Numbered))
    found = _number(connection, dictionaries, wanted)
    return [{name: found[v] if isinstance(v, Numbered) else v for name, v in row.items()} for row in rows]


def _number(
    connection: Connection, dictionaries: dict[str, Dictionary], wanted: Iterable[Numbered]
) -> dict[Numbered, int]:
    """Return the number of each of *wanted*, after those of the fields that are numbered themselves."""
    within = dict.fromkeys(field for one in wanted for field in one.fields if isinstance(field, Numbered))
    inner = _number(connection, dictionaries, within) if within else {}
    by_name: dict[str, dict[Fields, Numbered]] = defaultdict(dict)
    for one in wanted:
        fields = tuple(inner[field] if isinstance(field, Numbered) else field for field in one.fields)
        by_name[one.name][fields] = one
    found: dict[Numbered, int] = {}
    for name, asked in by_name.items():
        numbers = _find_or_add(connection, dictionaries[name], asked)
        found |= {one: numbers[fields] for fields, one in asked.items()}
    return found


def _find_or_add(connection: Connection, dictionary: Dictionary, wanted: Collection[Fields]) -> dict[Fields, int]:
    table = dictionary.table
    found = _find(connection, dictionary, wanted)
    first = (connection.scalar(select(func.max(table.c.id))) or 0) + 1
    added = {fields: number for number, fields in enumerate((one for one in wanted if one not in found), first)}
    names = _field_names(table)
    rows = [{"id": number} | dict(zip(names, fields, strict=True)) for fields, number in added.items()]
    execute_all(connection, table.insert(), rows)
    return found | added


def _find(connection: Connection, dictionary: Dictionary, wanted: Iterable[Fields]) -> dict[Fields, int]:
    columns = [dictionary.table.c[name] for name in ("id", *_field_names(dictionary.table))]
    query = select(*columns)
    found = {}
    for some in split_batches({dictionary.find_by(fields) for fields in wanted}, _MOST_VALUES):
        for number, *fields in connection.execute(query.where(dictionary.found_by.in_(some))):
            found[tuple(fields)] = number
    return found


def _field_names(table: Table) -> list[str]:
    return [column.name for column in table.c if column.name != "id"]
