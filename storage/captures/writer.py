"""The writer of WARC files: the records of an exchange are written together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from storage.captures.exchange import Exchange
from storage.captures.exchange_records import Ids, build_records, build_warcinfo
from storage.captures.metadata_record import write_metadata_fields
from storage.captures.outcomes import StoredResponse, make_outcome
from storage.captures.payloads import Original, Payloads
from storage.known import KnownCapture, read_moment
from storage.model.crawl import Crawl
from storage.model.errors import disk_error
from storage.model.limits import CrawlLimits
from storage.model.outcome import Outcome
from storage.warc.fields import write_date
from storage.warc.members import MemberFile

_LIMITS = CrawlLimits()


class FileLimits(NamedTuple):
    """When a file is closed and the next one begun, at the next exchange."""

    max_bytes: int = _LIMITS.warc_max_bytes
    max_age_seconds: float = _LIMITS.warc_max_seconds


DEFAULT_LIMITS = FileLimits()


class WarcFiles(NamedTuple):
    """The WARC files of one attempt: where they are, how they are named, how each begins, when it is closed.

    ``name_for(serial)`` names a file (``….warc.gz``); ``info`` is for its warcinfo record, see ``describe_crawler``.
    """

    directory: Path
    name_for: Callable[[int], str]
    info: dict[str, str]
    limits: FileLimits = DEFAULT_LIMITS


def describe_crawler(
    contact: str,
    version: str,
    commit: str | None = None,
    operator: str | None = None,
    settings_digest: str | None = None,
) -> dict[str, str]:
    """Return what a warcinfo record says of the crawler; ``robots: classic`` means that robots.txt is obeyed.

    *contact* is the address that publishers are given, *operator* (default: the same) is who crawls, *settings_digest*
    is the SHA-256 hex of everything that decides what is fetched and how.
    """
    found = {
        "software": f"hemeroteca/{version}" + (f" (commit {commit})" if commit else ""),
        "operator": operator or contact,
        "contact": contact,
        "robots": "classic",
        "version": version,
        "commit": commit,
        "settingsDigest": settings_digest,
    }
    return {name: value for name, value in found.items() if value}


class WarcWriter:
    """Writes the WARC files of one attempt at *crawl*; *new_id* makes record ids (``urn:uuid:…``).

    A file is opened by the first exchange that needs it, as ``NAME.open``, and begins with a warcinfo record.
    """

    def __init__(
        self, crawl: Crawl, files: WarcFiles, clock: Callable[[], datetime], new_id: Callable[[], str]
    ) -> None:
        self.directory = files.directory
        self.payloads = Payloads(files.directory)
        self._crawl = crawl
        self._files = files
        self._clock = clock
        self._new_id = new_id
        self._file: MemberFile | None = None
        self._opened = clock()
        self._warcinfo_id = ""
        self._finished: list[Path] = []

    def write(self, exchange: Exchange, known: KnownCapture | None) -> Outcome:
        """Append the records of an ended *exchange* and return its outcome; when this returns, they are acknowledged.

        *known* is what the archive holds of the URL: the same payload, or a 304, becomes a revisit of it. A payload
        that another URL had (``payloads``) becomes a revisit of that. When no response came, the request, if one was
        sent, and a metadata record are written. Raises StorageError when the disk refuses; the file then ends where it
        ended before.
        """
        try:
            if exchange.disk_error:
                raise exchange.disk_error
            file = self._file_for_next()
            start = file.end
            try:
                return self._append(file, exchange, known)
            except BaseException:
                file.cut(start)
                raise
        except OSError as error:
            raise disk_error(f"{self.directory}: WARC not written", error) from error

    def close(self) -> list[Path]:
        """Sync and name the file being written; return every file of this writer. Raises StorageError."""
        if self._file is not None:
            file, self._file = self._file, None
            try:
                self._finished.append(file.finish())
            except OSError as error:
                raise disk_error(f"{file.path}: WARC not closed", error) from error
        return list(self._finished)

    def rotate(self, only_old: bool) -> None:
        """Sync and name the file being written, if there is one and it is old, or in any case. Raises StorageError."""
        if self._file is not None and (not only_old or self._is_full(self._file)):
            self.close()

    def _is_full(self, file: MemberFile) -> bool:
        age_seconds = (self._clock() - self._opened).total_seconds()
        return file.end >= self._files.limits.max_bytes or age_seconds >= self._files.limits.max_age_seconds

    def _file_for_next(self) -> MemberFile:
        self.rotate(only_old=True)
        if self._file is None:
            self._file = self._open()
        return self._file

    def _open(self) -> MemberFile:
        name = self._files.name_for(len(self._finished))
        self._opened = self._clock()
        self._warcinfo_id = self._new_id()
        file = MemberFile(self.directory / name)
        try:
            file.append([build_warcinfo(self._warcinfo_id, write_date(self._opened), name, self._files.info)])
        except BaseException:
            file.discard()
            raise
        return file

    def _append(self, file: MemberFile, exchange: Exchange, known: KnownCapture | None) -> Outcome:
        ids = Ids(self._warcinfo_id, self._new_id(), self._new_id(), self._new_id())
        original = self._original_of(exchange, known)
        fields = write_metadata_fields(exchange)
        file.append(build_records(exchange, ids, original, fields))
        response = _stored_response(exchange, ids.response, original)
        outcome = make_outcome(self._crawl, url=exchange.url, begun=exchange.begun, fields=fields, response=response)
        self.payloads.add(outcome)
        return outcome

    def _original_of(self, exchange: Exchange, known: KnownCapture | None) -> Original | None:
        """Return the record that a revisit would refer to: for a 304 *known*, for a whole 200 what has its payload."""
        head = exchange.framer.head
        if head is None or exchange.truncated:
            return None
        held = _original(known) if known else None
        if head.status == HTTPStatus.NOT_MODIFIED:
            return held
        if head.status != HTTPStatus.OK or not exchange.payload_bytes:
            return None
        digest = exchange.payload_digest
        if held and held.payload_digest == digest:
            return held
        return self.payloads.find(exchange.facts.purpose, digest)


def _original(known: KnownCapture) -> Original:
    return Original(known.record_id, known.target_uri, read_moment(known.date), known.payload_digest)


def _stored_response(exchange: Exchange, record_id: str, original: Original | None) -> StoredResponse | None:
    head = exchange.framer.head
    if head is None:
        return None
    return StoredResponse(
        record_id=record_id,
        record_type="revisit" if original else "response",
        payload_digest=original.payload_digest if original else exchange.payload_digest,
        truncated=exchange.truncated,
        head=head,
    )
