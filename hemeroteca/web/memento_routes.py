"""The routes of Memento (RFC 7089): TimeGates, TimeMaps, and mementos as raw bytes.

/web/{URL}                        TimeGate
/web/timemap/{form}/{page}/{URL}  TimeMap: link, json or cdxj; the page may be left out
/web/{time}id_/{URL}              memento; of another time, or without id_, a redirect to one
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse

from hemeroteca.web.asked_address import AskedAddress, format_stamp, parse_stamp, plain_address, read_asked
from hemeroteca.web.cdx_dialects import Output
from hemeroteca.web.cdx_query import CdxQuery, Parameters
from hemeroteca.web.cdx_routes import answer_query
from hemeroteca.web.door import Door
from hemeroteca.web.memento_links import (
    LINK_FORMAT,
    MEMENTOS_A_PAGE,
    RAW,
    http_date,
    json_timemap,
    link_header,
    link_timemap,
    one_a_second,
)
from hemeroteca.web.raw_replay import make_replay
from hemeroteca.web.reading import Reading
from storage.catalog import CaptureMoment, Selection
from storage.model.capture import Capture
from storage.model.errors import NotArchivedError, SeedError
from storage.surt import urlkey

router = APIRouter()
_VARY = {"vary": "accept-datetime"}
_PAGED = re.compile(r"(\d{1,6})/(?=.)")


@router.api_route("/web/timemap/{form}/{address:path}", methods=["GET", "HEAD"])
async def timemap(request: Request, form: str) -> Response:
    """A TimeMap: every memento of an address."""
    if form not in ("link", "json", "cdxj"):
        raise SeedError(f"output={form[:40]} not supported")
    door = Door.of(request)
    reading, at = door.let_in(request), door.addresses(request)
    page, url = _read_page(request, f"/web/timemap/{form}/")
    if form == "cdxj":
        query = CdxQuery((Selection(urlkey=urlkey(url)),))
        return await answer_query(request, query, Parameters([("url", url)]), Output("pywb", "cdxj", (), False))
    moments = one_a_second(await door.asking.ask(lambda: reading.list_moments(url)))
    if form == "json":
        return JSONResponse(json_timemap(at, url, moments))
    if page > -(-len(moments) // MEMENTOS_A_PAGE):
        raise NotArchivedError(f"{url}: the TimeMap has no page {page}")
    return StreamingResponse(await door.asking.stream(link_timemap(at, url, moments, page)), media_type=LINK_FORMAT)


@router.api_route("/web/{address:path}", methods=["GET", "HEAD"])
async def memento_or_timegate(request: Request) -> Response:
    """A memento where the path has a time; else the TimeGate, which leads to the memento nearest to Accept-Datetime."""
    asked = read_asked(request.scope, "/web/")
    if asked.stamp is None:
        return await _pass_timegate(request, asked)
    return await _show_memento(request, asked)


async def _pass_timegate(request: Request, asked: AskedAddress) -> Response:
    door = Door.of(request)
    reading, at = door.let_in(request), door.addresses(request)
    wanted = request.headers.get("accept-datetime")
    moment = _read_accept_datetime(wanted) if wanted else None
    capture, moments = await door.asking.ask(lambda: _find(reading, asked.url, moment))
    chosen = CaptureMoment(capture.date, capture.target_uri)
    links = link_header(at, asked.url, moments, chosen)
    return RedirectResponse(at.memento(chosen), 302, headers=_VARY | {"link": links})


async def _show_memento(request: Request, asked: AskedAddress) -> Response:
    door = Door.of(request)
    reading, at = door.let_in(request), door.addresses(request)
    moment = parse_stamp(asked.stamp or "")
    capture, moments = await door.asking.ask(lambda: _find(reading, asked.url, moment))
    chosen = CaptureMoment(capture.date, capture.target_uri)
    here = request.scope["server"][1] == door.replay_port
    if not here or asked.modifier != RAW or asked.stamp != format_stamp(capture.date):
        return RedirectResponse(at.memento(chosen), 302)
    stored = await door.asking.ask(lambda: reading.read_response(capture))
    asked_for = request.headers
    web = f"{at.replay}{format_stamp(capture.date)}{RAW}/"
    replay = make_replay(capture, stored, asked_for.get("accept-encoding", ""), asked_for.get("range"), web)
    answer = Response(b"" if request.method == "HEAD" else replay.body, replay.status)
    links = link_header(at, capture.target_uri, moments, chosen)
    own = [(b"memento-datetime", http_date(capture.date).encode()), (b"link", links.encode())]
    answer.raw_headers = own + replay.headers
    return answer


def _find(reading: Reading, url: str, at: datetime | None) -> tuple[Capture, list[CaptureMoment]]:
    """Return the capture of *url* nearest to *at*, and when the address that answers was captured."""
    capture = reading.find_closest(url, at)
    return capture, one_a_second(reading.list_moments(capture.target_uri))


def _read_accept_datetime(text: str) -> datetime:
    """Return the time of Accept-Datetime. Raises SeedError for another form (RFC 7089, section 4.5.3)."""
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        raise SeedError(f"Accept-Datetime: {text[:60]}: not a date such as Sun, 01 Mar 2026 02:00:14 GMT") from None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read_page(request: Request, prefix: str) -> tuple[int, str]:
    rest = read_asked(request.scope, prefix)
    path = request.scope["raw_path"].decode("latin-1").partition("?")[0].partition(prefix)[2]
    paged = _PAGED.match(path)
    if not paged or rest.stamp != paged[1]:
        return 1, rest.url
    return max(1, int(paged[1])), plain_address(rest.url)
