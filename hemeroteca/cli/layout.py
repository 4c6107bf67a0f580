"""How tables and sentences fit the width of a terminal; in pipes and files they are 80 columns wide."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from hemeroteca.cli.terminal import say
from storage.model.unfit_characters import escape_unfit

_FALLBACK = (80, 24)
_LEAST_WIDTH = 20
_INDENT = "  "


def find_width() -> int:
    """Return how many columns a line may have: those of the terminal, or what ``COLUMNS`` says, else 80."""
    return max(shutil.get_terminal_size(_FALLBACK).columns, _LEAST_WIDTH)


def write_value(value: Any) -> str:
    """Return *value* as a cell; what is not known, or empty, is ``-``."""
    if isinstance(value, int):
        return f"{value:,}"
    return "-" if value is None or value == "" else escape_unfit(str(value))


class Column(NamedTuple):
    """A column of a table: its headings, and how its values are written.

    Where there is little room, those with a *rank* are left out, the highest first.
    """

    name: str
    short: str
    write: Callable[[Any], str] = write_value
    write_short: Callable[[Any], str] | None = None
    rank: int = 0
    left: bool = False


class Layout(NamedTuple):
    """A table as it fits: its lines, the headings they show, and which columns there was no room for."""

    lines: list[str]
    headings: list[str]
    left_out: list[str]


class _Shape(NamedTuple):
    """Which columns a table shows, by number, and how."""

    numbers: tuple[int, ...]
    short: bool
    gap: int
    heads_alone: bool = False


Rows = Sequence[Sequence[Any]]


def lay_out(columns: Sequence[Column], rows: Rows, width: int) -> Layout:
    """Return the table of *rows* in *width* columns: no number is ever cut or broken.

    Tried in turn: everything; without columns that are empty in each row; with short headings; without those of a rank;
    the first column on a line of its own; and last each row as pairs of heading and value.
    """
    for shape in _shapes(columns, rows):
        lines = _write_table(columns, rows, shape)
        if all(measure(line) <= width for line in lines):
            filled = _find_filled(columns, rows)
            left_out = [columns[n].short for n in filled if n not in shape.numbers]
            return Layout(lines, [_heading(columns[n], shape.short) for n in shape.numbers], left_out)
    filled = _find_filled(columns, rows)
    return Layout(_write_pairs(columns, rows, filled, width), [columns[n].short for n in filled], [])


def say_wrapped(text: str, indent: str = "") -> None:
    """Print *text*, on a terminal in lines that fit it, the later ones indented."""
    for line in wrap(text, find_width(), indent) if sys.stdout.isatty() else [text]:
        say(line)


def wrap(text: str, width: int, indent: str = "") -> list[str]:
    """Return *text* in lines of *width* columns, the later ones indented; a word such as an address is never broken."""
    lines = textwrap.wrap(
        text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False,
        drop_whitespace=True, replace_whitespace=False,
    )  # fmt: skip
    return lines or [""]


def measure(text: str) -> int:
    """Return how many columns of a terminal *text* takes."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def cut(text: str, width: int) -> str:
    """Return *text*, cut to *width* columns of a terminal with an ellipsis if it is longer."""
    if measure(text) <= width:
        return text
    while text and measure(text) > width - 1:
        text = text[:-1]
    return f"{text}…"


def write_size(count: int | None) -> str:
    """Return a number of bytes in at most four signs or so: ``333k``, ``1.2M``, ``12G``."""
    size = float(count or 0)
    for unit in ("", "k", "M", "G", "T"):
        if size < 999.5:  # what would be rounded to 1000
            return f"{size:.1f}{unit}" if unit and size < 9.95 else f"{size:.0f}{unit}"
        size /= 1000
    return f"{size:,.0f}P"


def _shapes(columns: Sequence[Column], rows: Rows) -> Iterator[_Shape]:
    everything, filled = tuple(range(len(columns))), _find_filled(columns, rows)
    yield _Shape(everything, short=False, gap=2)
    yield _Shape(filled, short=False, gap=2)
    fewer = [filled]
    for rank in sorted({columns[n].rank for n in filled if columns[n].rank}, reverse=True):
        fewer.append(tuple(n for n in fewer[-1] if columns[n].rank != rank))
    for heads_alone in (False, True):
        for shown in fewer:
            for gap in (2, 1):
                yield _Shape(shown, True, gap, heads_alone)


def _find_filled(columns: Sequence[Column], rows: Rows) -> tuple[int, ...]:
    """Return the columns that say anything in some row; the first always."""
    return tuple(n for n in range(len(columns)) if not n or any(row[n] for row in rows))


def _heading(column: Column, short: bool) -> str:
    return column.short if short else column.name


def _cell(column: Column, value: Any, short: bool) -> str:
    return (column.write_short if short and column.write_short else column.write)(value)


def _write_table(columns: Sequence[Column], rows: Rows, shape: _Shape) -> list[str]:
    chosen = [columns[n] for n in shape.numbers]
    heads = [_heading(column, shape.short) for column in chosen]
    body = [
        [_cell(column, row[n], shape.short) for n, column in zip(shape.numbers, chosen, strict=True)] for row in rows
    ]
    whole = [heads, *body]
    start = 1 if shape.heads_alone else 0
    widths = [max(measure(row[n]) for row in whole) for n in range(len(heads))]
    lines = []
    for row in whole:
        cells = [
            _justify(cell, width, column.left or not n)
            for n, (cell, width, column) in enumerate(zip(row, widths, chosen, strict=True))
        ]
        line = (" " * shape.gap).join(cells[start:]).rstrip()
        lines += [row[0], _INDENT + line] if shape.heads_alone else [line]
    return lines


def _justify(cell: str, width: int, left: bool) -> str:
    space = " " * (width - measure(cell))
    return cell + space if left else space + cell


def _write_pairs(columns: Sequence[Column], rows: Rows, filled: Sequence[int], width: int) -> list[str]:
    """Return each row as its first cell and below it ``heading value`` pairs, as many a line as fit."""
    lines = []
    for row in rows:
        lines.append(_cell(columns[0], row[0], short=True))
        line = ""
        for n in filled[1:]:
            pair = f"{_INDENT}{columns[n].short} {_cell(columns[n], row[n], short=True)}"
            if line and measure(line + pair) > width:
                lines.append(line)
                line = ""
            line += pair
        lines.append(line)
    return lines
