"""Write exchanges to WARC files: the records of each together or not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import NamedTuple

from storage.captures.build import Ids, exchange_records, warcinfo_record
from storage.captures.exchange import Exchange
from storage.captures.outcomes import WrittenCapture, judge
from storage.captures.payloads import Original, Payloads
from storage.known import KnownCapture, read_moment
from storage.model.capture import Location
from storage.model.errors import disk_error
from storage.warc.fields import warc_date
from storage.warc.members import MemberFile


class FileLimits(NamedTuple):
    """When a file is closed and the next one begun, at the next exchange."""

    max_bytes: int = 256 * 1024 * 1024
    max_age_seconds: float = 600.0


DEFAULT_LIMITS = FileLimits()


def crawl_info(
    contact: str,
    version: str,
    commit: str | None = None,
    operator: str | None = None,
    settings_digest: str | None = None,
) -> dict[str, str]:
    """Return what a warcinfo record says of the crawler; ``robots: classic`` means that robots.txt is obeyed.

    *contact* is the address that publishers are given, *operator* (default: the same) who crawls, *settings_digest*
    the SHA-256 hex of all that decides what is asked for and how.
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
    """The WARC files of one attempt at one source.

    ``name_for(serial)`` names a file (``….warc.gz``), *new_id* makes record ids (``urn:uuid:…``). A file is
    opened by the first exchange that needs it, as ``NAME.open``, and begins with a warcinfo record of *info*.
    """

    def __init__(
        self,
        directory: Path,
        name_for: Callable[[int], str],
        info: dict[str, str],
        clock: Callable[[], datetime],
        new_id: Callable[[], str],
        limits: FileLimits = DEFAULT_LIMITS,
    ) -> None:
        self.directory = directory
        self.payloads = Payloads(directory)
        self._name_for = name_for
        self._info = info
        self._clock = clock
        self._new_id = new_id
        self._limits = limits
        self._file: MemberFile | None = None
        self._opened = clock()
        self._warcinfo_id = ""
        self._finished: list[Path] = []

    def write(self, exchange: Exchange, known: KnownCapture | None) -> WrittenCapture | None:
        """Append the records of an ended *exchange*; when this returns, they are acknowledged.

        *known* is what the archive holds of the same URL: the same payload again, or a 304, becomes a revisit of it;
        so does one of ``payloads``, which another URL had. None is returned when no response came: then request (if
        one was sent) and metadata are written. Raises StorageError when the disk refuses; the file then ends where
        it ended before.
        """
        try:
            if exchange.lost:
                raise exchange.lost
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
        return file.end >= self._limits.max_bytes or age_seconds >= self._limits.max_age_seconds

    def _file_for_next(self) -> MemberFile:
        self.rotate(only_old=True)
        if self._file is None:
            self._file = self._open()
        return self._file

    def _open(self) -> MemberFile:
        name = self._name_for(len(self._finished))
        self._opened = self._clock()
        self._warcinfo_id = self._new_id()
        file = MemberFile(self.directory / name)
        try:
            file.append([warcinfo_record(self._warcinfo_id, warc_date(self._opened), name, self._info)])
        except BaseException:
            file.discard()
            raise
        return file

    def _append(self, file: MemberFile, exchange: Exchange, known: KnownCapture | None) -> WrittenCapture | None:
        ids = Ids(self._warcinfo_id, self._new_id(), self._new_id(), self._new_id())
        same = self._original_of(exchange, known)
        (offset, length), *_ = file.append(exchange_records(exchange, ids, same))
        if not exchange.has_response:
            return None
        written = _written(exchange, ids.response, same, Location(key=file.path.name, offset=offset, length=length))
        if same is None:
            self.payloads.add(exchange.facts.purpose, written)
        return written

    def _original_of(self, exchange: Exchange, known: KnownCapture | None) -> Original | None:
        """Return what the response adds nothing to: of a 304 what was known, of a whole 200 who has its payload."""
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


def _written(exchange: Exchange, record_id: str, same: Original | None, place: Location) -> WrittenCapture:
    head = exchange.framer.head
    assert head is not None
    reason = exchange.failure.reason if exchange.failure else None
    state, reason = judge("revisit" if same else "response", head.status, exchange.truncated, reason)
    return WrittenCapture(
        record_id=record_id,
        record_type="revisit" if same else "response",
        target_uri=exchange.url,
        date=exchange.begun,
        status=head.status,
        media_type=head.media_type,
        payload_digest=same.payload_digest if same else exchange.payload_digest,
        body_digest=exchange.body_digest,
        etag=head.value(b"etag"),
        last_modified=head.value(b"last-modified"),
        truncated=exchange.truncated,
        body_error=exchange.body_error,
        tls_error=exchange.tls.fault if exchange.tls else None,
        refers_to=same.record_id if same else None,
        file=place.key,
        offset=place.offset,
        length=place.length,
        wire_bytes=exchange.wire_bytes,
        duration_seconds=exchange.milliseconds / 1000,
        state=state,
        reason=reason,
        page=exchange.page,
        distrust=exchange.distrust,
    )
