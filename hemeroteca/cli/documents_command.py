"""``hemeroteca documents``: the articles of many nights, searched and written to a file for analysis."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hemeroteca.cli.opened_archive import check_sources, name_command
from hemeroteca.cli.options import FirstNight, LastNight, SourceIds
from hemeroteca.cli.output_file import open_output_bytes
from hemeroteca.cli.progress_display import show_progress
from hemeroteca.cli.terminal import tell, write_json
from hemeroteca.configuration import Settings, read_settings
from storage.model.errors import NotArchivedError

if TYPE_CHECKING:
    from hemeroteca.archive_reader import Reader
    from storage.analysis.arrow_rows import ArrowRows
    from storage.analysis.document_search import DocumentSearch
    from storage.table_reads import ReadProgress

Languages = Annotated[
    list[str] | None,
    typer.Option("--lang", metavar="CODE", help="Only texts in this language, as es; may be given again."),
]
Contains = Annotated[
    str | None,
    typer.Option(
        "--contains",
        metavar="WORD",
        help="Only with this word, or these words in a row, in title or text: whole words, upper or lower case; in"
        " Chinese, Japanese, Korean, Thai, Lao, Khmer, Burmese and Tibetan these characters anywhere.",
    ),
]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns", metavar="NAMES", help="Only these columns, as url,title,text; `hemeroteca columns` lists them."
    ),
]
Latest = Annotated[
    bool, typer.Option("--latest", help="One row an article: the newest document in the nights asked for.")
]
Output = Annotated[
    Path | None,
    typer.Option(
        "-o", "--output", metavar="FILE", help="A .parquet, .csv or .jsonl file; by default JSON lines on stdout."
    ),
]


def documents(
    context: typer.Context,
    source: SourceIds = None,
    lang: Languages = None,
    since: FirstNight = None,
    until: LastNight = None,
    contains: Contains = None,
    columns: Columns = None,
    latest: Latest = False,
    output: Output = None,
) -> None:
    """Write the articles of one or many nights to a file.

    Example: hemeroteca documents --lang es --from 2026-03-01 -o articles.csv
    """
    from hemeroteca.archive_reader import Reader, make_search
    from storage.analysis.table_export import find_format

    if output:
        find_format(output)
    search = make_search(
        since=since, until=until, sources=source, lang=lang, contains=contains, columns=columns, latest=latest
    )
    settings = read_settings()
    with Reader(settings) as reader:
        check_sources(settings, search.sources)
        written = _print_rows(reader, search) if output is None else _write_file(reader, search, output, context.obj)
    if not written:
        raise NotArchivedError(f"no documents: no article that is asked for is there; {_advise(settings)}")
    if output:
        tell(f"{output}: {written:,} documents", file=sys.stderr)


def _advise(settings: Settings) -> str:
    return f"`{name_command(settings)} status` shows the newest night"


def _print_rows(reader: Reader, search: DocumentSearch) -> int:
    from storage.analysis.table_export import to_json_lines

    written = 0
    for line in to_json_lines(reader.search_documents(search)):
        write_json(line.encode())
        written += 1
    sys.stdout.buffer.flush()
    return written


def _write_file(reader: Reader, search: DocumentSearch, output: Path, umask: int) -> int:
    from storage.analysis.table_export import export_rows

    reader.with_store  # noqa: B018 - its server makes files of the home, which are private
    os.umask(umask)  # what is written now is no file of a home: it is as its user wants it
    with _watching() as watch:
        rows: ArrowRows = reader.search_documents(search, watch)
        with open_output_bytes(output) as file:
            return export_rows(rows, file, output)


@contextmanager
def _watching() -> Iterator[Callable[[ReadProgress], None] | None]:
    """Give what shows on a terminal how far the reading is."""
    if not sys.stderr.isatty():
        yield None
        return
    with show_progress() as show:
        yield lambda reached: show([("reading", f"night {reached.night}, {reached.parts_read:,} of {reached.parts:,}")])
