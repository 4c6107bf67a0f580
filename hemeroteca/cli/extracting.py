"""``hemeroteca extract``: clean text from pages that are in no archive."""

from __future__ import annotations

import json
import os
import sys
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, TextIO

import typer

from hemeroteca.cli.explaining import print_explanation
from hemeroteca.cli.reading import read_moment
from hemeroteca.settings import read_settings
from storage.model.errors import NotArchivedError, SeedError

if TYPE_CHECKING:
    from hemeroteca.extraction.frames import Page
    from hemeroteca.extraction.workers import Workers

Origin = Annotated[str | None, typer.Argument(metavar="FILE|URL|-", help="A page: a file, an address, or stdin.")]
Form = Literal["text", "document", "explain"]
Fetched = Annotated[
    datetime | None,
    typer.Option("--fetched", metavar="TIME", parser=read_moment, help="When it was served, else now."),
]
Batch = Annotated[
    Path | None, typer.Option("--batch", metavar="LIST", help="Many: rows of id, path, url and fetched (JSON lines).")
]
Output = Annotated[Path | None, typer.Option("--output", "-o", metavar="FILE", help="Of a batch: where it goes.")]


def extract(  # noqa: PLR0913 - each is an option
    origin: Origin = None,
    url: Annotated[str, typer.Option("--url", help="Where the page was served.")] = "",
    fetched: Fetched = None,
    form: Annotated[Form, typer.Option("--as", help="What to print of it.")] = "text",
    batch: Batch = None,
    output: Output = None,
    fold: Annotated[
        int | None, typer.Option("--fold", min=0, max=4, help="By the model that never saw this fifth of hosts.")
    ] = None,
    memory: Annotated[bool, typer.Option("--memory", help="Of a batch: pages of one host inform each other.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, help="Of a batch: processes.")] = os.cpu_count() or 1,
) -> None:
    """Print the clean text of a page that need not be archived.

    Example: hemeroteca extract page.html --url https://www.example.org/news/today.html --as document
    """
    if (origin is None) == (batch is None):
        raise typer.BadParameter("either a page or --batch is needed")
    if batch is not None:
        if output is not None and output.resolve() == batch.resolve():
            raise typer.BadParameter(f"{output}: --output would overwrite the list")
        from hemeroteca.extraction.workers import Workers

        _extract_batch(batch, output, Workers(workers, fold=fold), memory)
        return
    if output is not None or memory:
        raise typer.BadParameter("--output and --memory belong to --batch")
    _print_page(_read_page(origin or "-", url, fetched), form, fold)


def _print_page(page: Page, form: Form, fold: int | None) -> None:
    from hemeroteca.extraction.article import explain, extract_payload

    if form == "explain":
        print_explanation(explain(page, fold))
        return
    found = extract_payload(page, fold)
    if form == "document":
        print(found.model_dump_json(indent=2))
    else:
        sys.stdout.write(found.text + ("\n" if sys.stdout.isatty() else ""))


def _read_page(origin: str, url: str, fetched: datetime | None) -> Page:
    from hemeroteca.extraction.batch import decompressed, read_payload
    from hemeroteca.extraction.frames import Page

    settings = read_settings()
    now = fetched or settings.now()
    if origin.startswith(("http://", "https://")):
        from hemeroteca.download import download

        page = download(origin, settings.contact, now)
        return page._replace(url=url or page.url)
    try:
        payload = decompressed(sys.stdin.buffer.read()) if origin == "-" else read_payload(Path(origin))
    except OSError as error:
        raise NotArchivedError(f"{origin}: {error.strerror}") from error
    return Page(payload, None, url, now)


def _extract_batch(batch: Path, output: Path | None, workers: Workers, memory: bool) -> None:
    from hemeroteca.extraction.batch import extract_all, extract_remembering

    work = extract_remembering if memory else extract_all
    try:
        rows = batch.open(encoding="utf-8", errors="replace")  # what is no JSON is a row that failed
        out = output.open("w", encoding="utf-8") if output else nullcontext(sys.stdout)
    except OSError as error:
        raise SeedError(f"{error.filename}: {error.strerror}") from error
    with rows, out as written, workers:
        for found in work(rows, batch.parent, workers, read_settings().now()):
            _write(written, found)


def _write(file: TextIO, found: dict[str, Any]) -> None:
    file.write(json.dumps(found, ensure_ascii=False) + "\n")
