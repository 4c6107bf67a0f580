"""From captures to clean text: reading their records from the bucket, and extracting the text in worker processes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import structlog

from hemeroteca.archive.cleaning.inputs import NO_INPUTS, CleaningInputs
from hemeroteca.archive.cleaning.reservations import are_images_reserved, find_reservation
from hemeroteca.extraction.extractor import HTML_MEDIA_TYPES, MAX_PAGE_BYTES
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.captures.stored_records import read_response
from storage.holdings import Holdings
from storage.model.capture import Capture
from storage.model.document import FIXITY, CleanText, leave_out_text
from storage.model.errors import FixityError, NoMainTextError

log = structlog.get_logger()

RESERVED = "reserved"

Result = CleanText | NoMainTextError


def clean_captures(
    holdings: Holdings, captures: Iterable[Capture], workers: WorkerPool, inputs: CleaningInputs = NO_INPUTS
) -> list[tuple[Capture, Result]]:
    """Return each capture with its text, or why it has none, in the order given."""
    ordered = list(captures)
    found: dict[str, Result] = {one.record_id: fault for one in ordered if (fault := _find_fault(one))}
    readable = [capture for capture in ordered if capture.record_id not in found]
    found |= dict(_extract(_read_pages(holdings, readable, inputs), workers))
    return [(capture, _leave_out_half(capture, found[capture.record_id])) for capture in ordered]


def _leave_out_half(capture: Capture, result: Result) -> Result:
    """Return *result* without its text where the page was cut: half an article would pass for a whole one."""
    if not (capture.truncated or "truncated" in capture.flags):
        return result
    why = NoMainTextError("truncated", capture.truncated or "a part of the page")
    return leave_out_text(result, str(why)) if isinstance(result, CleanText) else why


def clean_unreserved(
    holdings: Holdings, captures: Iterable[Capture], workers: WorkerPool, inputs: CleaningInputs = NO_INPUTS
) -> list[tuple[Capture, Result]]:
    """Do the same, but leave out what publishers reserve: articles, listed last with the reason, and images."""
    reserved: list[tuple[Capture, Result]] = []
    free: list[Capture] = []
    for capture in captures:
        reservation = find_reservation(capture)
        if reservation:
            reserved.append((capture, NoMainTextError(RESERVED, reservation)))
        else:
            free.append(capture)
    results = clean_captures(holdings, free, workers, inputs)
    return [(capture, _without_reserved_images(capture, result)) for capture, result in results] + reserved


def _without_reserved_images(capture: Capture, result: Result) -> Result:
    if isinstance(result, CleanText) and are_images_reserved(capture):
        return result.model_copy(update={"images": ()})
    return result


def _find_fault(capture: Capture) -> NoMainTextError | None:
    """Say why *capture* is not worth reading."""
    if "refresh" in capture.flags:
        return NoMainTextError("refresh", capture.refresh or "")
    if capture.location.length > MAX_PAGE_BYTES:  # stored compressed: what it holds is larger still
        return NoMainTextError("too_large", f"{capture.location.length} bytes stored")
    if capture.media_type and capture.media_type not in HTML_MEDIA_TYPES:
        return NoMainTextError("not_html", capture.media_type)
    return None


def _read_pages(
    holdings: Holdings, captures: Iterable[Capture], inputs: CleaningInputs
) -> Iterator[tuple[str, Page | NoMainTextError]]:
    """Yield the page that each capture holds, by record id, or why it cannot be read."""
    for capture, stored in holdings.read_records(captures):
        if isinstance(stored, FixityError):
            log.error("record damaged", record_id=capture.record_id, url=capture.target_uri, reason=str(stored))
            yield capture.record_id, NoMainTextError(FIXITY, str(stored))
            continue
        try:
            response = read_response(stored)
            body = response.body(MAX_PAGE_BYTES)
        except NoMainTextError as error:
            yield capture.record_id, error
        else:
            page = Page(body, response.head.value(b"content-type"), capture.target_uri, capture.date)
            yield capture.record_id, inputs.for_page(page, capture.record_id)


def _extract(pages: Iterable[tuple[str, Page | NoMainTextError]], workers: WorkerPool) -> Iterator[tuple[str, Result]]:
    """Yield what *workers* make of each page, then the pages that could not be read."""
    unreadable: list[tuple[str, NoMainTextError]] = []

    def readable() -> Iterator[tuple[str, Page]]:
        for record_id, page in pages:
            if isinstance(page, NoMainTextError):
                unreadable.append((record_id, page))
            else:
                yield record_id, page

    yield from workers.map(readable())
    yield from unreadable
