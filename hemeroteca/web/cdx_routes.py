"""The routes of CDX: `/cdx/search/cdx` as Wayback's, `/cdx` as pywb's."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse

from hemeroteca.web.cdx_dialects import Output, read_output, write_rows
from hemeroteca.web.cdx_query import CdxQuery, Dialect, Parameters, read_query
from hemeroteca.web.cdx_rows import count_pages, find_rows
from hemeroteca.web.door import Door
from hemeroteca.web.reading import Reading
from storage.model.errors import NotArchivedError, SeedError

router = APIRouter()


@router.api_route("/cdx/search/cdx", methods=["GET", "HEAD"])
async def wayback_cdx(request: Request) -> Response:
    return await answer_cdx(request, "wayback")


@router.api_route("/cdx", methods=["GET", "HEAD"])
async def pywb_cdx(request: Request) -> Response:
    return await answer_cdx(request, "pywb")


async def answer_cdx(request: Request, dialect: Dialect) -> Response:
    """Answer a CDX query in *dialect*."""
    given = Parameters(request.query_params.multi_items())
    return await answer_query(request, read_query(given, dialect), given, read_output(given, dialect))


async def answer_query(request: Request, query: CdxQuery, given: Parameters, output: Output) -> Response:
    door = Door.of(request)
    reading = door.let_in(request)
    if given.has("showNumPages"):
        return _tell_pages(await door.asking.ask(lambda: count_pages(reading, query)), query, output.dialect)
    if query.page and output.dialect == "wayback":  # clients read on until an answer is empty, `[]` is not
        if query.page >= await door.asking.ask(lambda: count_pages(reading, query)):
            return PlainTextResponse("")
    elif output.dialect == "pywb":
        await door.asking.ask(lambda: _check_there(reading, query, given.one("url") or ""))
    chunks = await door.asking.stream(_lines(reading, query, output))
    return StreamingResponse(chunks, media_type=output.media_type)


def _lines(reading: Reading, query: CdxQuery, output: Output) -> Iterator[str]:
    return write_rows(find_rows(reading, query), output, query.limit)


def _check_there(reading: Reading, query: CdxQuery, url: str) -> None:
    """Raise as pywb does: NotArchivedError where nothing of the address is there, SeedError behind the last page."""
    if query.page is not None and query.page >= max(1, count_pages(reading, query)):
        raise SeedError(f"page: {query.page}: there are {count_pages(reading, query)} pages")
    if next(chain.from_iterable(reading.list_captures(one) for one in query.ranges), None) is None:
        raise NotArchivedError(f"No Captures found for: {url}")


def _tell_pages(pages: int, query: CdxQuery, dialect: Dialect) -> Response:
    if dialect == "wayback":
        return PlainTextResponse(f"{pages}\n")
    return JSONResponse({"pages": pages, "pageSize": query.page_rows, "blocks": pages})
