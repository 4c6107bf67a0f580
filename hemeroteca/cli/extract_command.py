"""``hemeroteca extract``: the clean text of pages that are not archived."""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from hemeroteca.cli.output_file import open_output
from hemeroteca.cli.reading_commands import parse_moment, print_explanation
from hemeroteca.cli.terminal import say
from hemeroteca.configuration import read_settings
from storage.model.errors import NoMainTextError, NotArchivedError, SeedError
from storage.model.unfit_characters import escape_unfit, escape_unfit_json

if TYPE_CHECKING:
    from hemeroteca.extraction.page.served_page import Page
    from hemeroteca.extraction.workers.pool import WorkerPool

Origin = Annotated[str | None, typer.Argument(metavar="FILE|URL|-", help="A page: a file, an address, or stdin.")]
Form = Literal["text", "document", "explain"]
Fetched = Annotated[
    datetime | None,
    typer.Option("--fetched", metavar="TIME", parser=parse_moment, help="When the page was served; by default now."),
]
Batch = Annotated[
    Path | None, typer.Option("--batch", metavar="LIST", help="Many pages: JSON lines with id, path, url and fetched.")
]
Output = Annotated[
    Path | None, typer.Option("--output", "-o", metavar="FILE", help="With --batch: write to this file.")
]


_OF_A_PAGE = {"url": "--url", "fetched": "--fetched", "form": "--as", "ignore_robots": "--ignore-robots"}
_OF_A_BATCH = {"output": "--output", "memory": "--memory", "workers": "--workers"}


def extract(  # noqa: PLR0913 - each is an option
    context: typer.Context,
    origin: Origin = None,
    url: Annotated[str, typer.Option("--url", help="The address of the page.")] = "",
    fetched: Fetched = None,
    form: Annotated[Form, typer.Option("--as", help="What to print.")] = "text",
    ignore_robots: Annotated[
        bool, typer.Option("--ignore-robots", help="Ask for an address that robots.txt forbids.")
    ] = False,
    batch: Batch = None,
    output: Output = None,
    fold: Annotated[
        int | None, typer.Option("--fold", min=0, max=4, help="Use the model that never saw this fifth of all hosts.")
    ] = None,
    memory: Annotated[
        bool, typer.Option("--memory", help="With --batch: leave out lines that recur on a host's pages.")
    ] = False,
    workers: Annotated[
        int, typer.Option("--workers", min=1, help="With --batch: the number of processes.")
    ] = os.cpu_count() or 1,
) -> None:
    """Print the clean text of any page: a file, an address, stdin.

    Example: hemeroteca extract page.html --url https://www.example.org/news/today.html --as document
    """
    if (origin is None) == (batch is None):
        raise typer.BadParameter("name one page, which may be - for stdin, or a list with --batch")
    for parameter, option in (_OF_A_BATCH if batch is None else _OF_A_PAGE).items():
        source = context.get_parameter_source(parameter)
        if source and source.name == "COMMANDLINE":
            raise typer.BadParameter(
                f"{option} belongs to {'--batch' if batch is None else 'one page, not to --batch'}"
            )
    if batch is not None:
        from hemeroteca.extraction.workers.pool import WorkerPool

        os.umask(context.obj)  # what it writes is no file of a home: it is as its user wants it
        _extract_batch(batch, output, WorkerPool(workers, fold=fold, environment=os.environ), memory)
        return
    _print_page(_read_page(origin or "-", url, fetched, ignore_robots), form, fold)


def _print_page(page: Page, form: Form, fold: int | None) -> None:
    from hemeroteca.extraction.workers.pool import WorkerPool

    with WorkerPool(1, fold=fold, environment=os.environ) as workers:  # in limits: a stranger wrote the page
        if form == "explain":
            print_explanation(workers.explain(page))
            return
        ((_, found),) = workers.map([("page", page)])
    if isinstance(found, NoMainTextError):
        raise found
    if form == "text" and found.without_text:
        reason, _, detail = found.without_text.partition(": ")
        raise NoMainTextError(reason, detail)
    text = found.text + ("\n" if sys.stdout.isatty() else "")
    with open_output(None) as write:
        write(escape_unfit_json(found.model_dump_json(indent=2)) + "\n" if form == "document" else escape_unfit(text))


def _read_page(origin: str, url: str, fetched: datetime | None, ignore_robots: bool) -> Page:
    from hemeroteca.extraction.batch import decompress, read_page_file
    from hemeroteca.extraction.extractor import MAX_PAGE_BYTES
    from hemeroteca.extraction.page.served_page import Page

    settings = read_settings()
    now = fetched or settings.now()
    if origin.startswith(("http://", "https://")):
        from hemeroteca.download import Asker, NotAllowedError, download

        if ignore_robots:
            say(f"robots.txt is not asked whether {origin} may be fetched", file=sys.stderr)
        try:
            page = download(origin, Asker(settings.contact, now, ignore_robots))
        except NotAllowedError as error:
            raise NotArchivedError(f"{error} (`--ignore-robots` fetches it anyway)") from None
        return page._replace(url=url or page.url)
    try:
        if origin == "-":
            payload = decompress(sys.stdin.buffer.read(MAX_PAGE_BYTES + 1))
        else:
            payload = read_page_file(Path(origin))
    except OSError as error:
        raise SeedError(f"{origin}: {error.strerror}") from error
    return Page(payload, None, url, now)


def _extract_batch(batch: Path, output: Path | None, workers: WorkerPool, memory: bool) -> None:
    from hemeroteca.extraction.batch import check_output_spares_pages, extract_rows, extract_rows_with_memory

    work = extract_rows_with_memory if memory else extract_rows
    try:
        rows = batch.open(encoding="utf-8", errors="replace")  # what is not JSON is a row that failed
    except OSError as error:
        raise SeedError(f"{error.filename}: {error.strerror}") from error
    with rows:
        lines: Iterable[str] = rows
        if output and output.is_file():
            if output.samefile(batch):
                raise SeedError(f"{output}: --output would overwrite the list")
            lines = list(rows)
            check_output_spares_pages(output, lines, batch.parent)
        bad = BadRows()
        with open_output(output) as write, workers:
            for found in work(lines, batch.parent, workers, read_settings().now()):
                bad.note(found)
                write(_to_line(found))
    if bad.reasons:
        say(bad.tell(), file=sys.stderr)
        raise typer.Exit(1)


class BadRows:
    """The rows of a batch that gave nothing: how many for which reason, and the first."""

    def __init__(self) -> None:
        self.reasons: Counter[str] = Counter()
        self._rows = 0
        self._first = ""

    def note(self, found: dict[str, Any]) -> None:
        """Count a result row; a page that has a document and no text, such as a gallery, is none that failed."""
        self._rows += 1
        if "reason" in found and not found.get("without_text"):
            self._first = self._first or f"{found['id']}: {found['reason']}: {found['detail']}".rstrip(": ")
            self.reasons[found["reason"]] += 1

    def tell(self) -> str:
        counted = ", ".join(f"{count:,} {reason}" for reason, count in self.reasons.most_common())
        return f"{self.reasons.total():,} of {self._rows:,} rows failed ({counted}). The first: {self._first}"


def _to_line(found: dict[str, Any]) -> str:
    """Return one line; half of a surrogate pair, which may stand in an id, stays the escape that it was."""
    line = json.dumps(found, ensure_ascii=False) + "\n"
    return escape_unfit_json(line.encode("utf-8", "backslashreplace").decode())
