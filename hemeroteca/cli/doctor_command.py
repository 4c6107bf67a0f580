"""``hemeroteca doctor``: whether each part of the archive works, and how to fix it where it does not."""

from __future__ import annotations

import json
import shlex
import shutil
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, NamedTuple

import typer

from hemeroteca.cli.opened_archive import name_command, open_with_store
from hemeroteca.cli.options import AsJson
from hemeroteca.cli.terminal import say, say_json
from hemeroteca.configuration import Settings, read_settings
from storage.model.errors import HemerotecaError, SeedError
from storage.model.night import Night

if TYPE_CHECKING:
    from hemeroteca.archive.archive import Archive

_FREE_BYTES = 2 << 30
_SKEW = timedelta(seconds=30)
_MOST_NAMED = 3
_EVIDENCE = ("objects", "manifests", "commits", "tables")


class Finding(NamedTuple):
    """What one check found; *fix* says what to do when the part does not work, or, in a warning, may not always."""

    part: str
    well: bool
    found: str
    fix: str = ""
    is_warning: bool = False


def doctor(as_json: AsJson = False) -> None:
    """Check every part of the archive and say how to fix it.

    Example: hemeroteca doctor
    """
    settings = read_settings()
    well = True
    for finding in _findings(settings):
        well &= finding.well
        if as_json:
            say_json(json.dumps(finding._asdict()))
            continue
        level = "FAIL" if not finding.well else "warn" if finding.is_warning else "ok"
        say(f"{level:4}  {finding.part:12}  {finding.found}")
        if level != "ok":
            say(f"{'':6}{'fix':12}  {finding.fix}")
    if not well:
        raise typer.Exit(1)


def _findings(settings: Settings) -> Iterator[Finding]:
    home = check_folder(settings)
    yield home
    if home.well:  # the other parts live in it
        yield from check_bucket(settings)
        for check in CHECKS:
            yield check(settings)
        yield from find_spooled(settings)


def check_folder(settings: Settings) -> Finding:
    try:
        settings.home.make()
    except SeedError as error:
        return Finding("home", False, _line(error), "set HEMEROTECA_HOME to a folder that you can write to")
    return Finding("home", True, str(settings.home))


def check_disk(settings: Settings) -> Finding:
    from hemeroteca.archive.crawling.run_progress import format_bytes

    free = shutil.disk_usage(settings.home).free
    found = f"{format_bytes(free)} free for {settings.home}"
    return Finding("disk", free >= _FREE_BYTES, found, "make room, or move HEMEROTECA_HOME to a larger disk")


def find_spooled(settings: Settings) -> Iterator[Finding]:
    """Yield a warning when crawls that nobody works on have pages in the spool that the bucket does not have yet."""
    from hemeroteca.archive.crawling.run_progress import format_bytes
    from storage.spool import find_waiting

    waiting = find_waiting(settings.home.spool)
    if waiting:
        named = ", ".join(list(waiting)[:_MOST_NAMED]) + (", …" if len(waiting) > _MOST_NAMED else "")
        found = f"pages of {len(waiting):,} crawls wait for the bucket, {format_bytes(sum(waiting.values()))}: {named}"
        fix = f"`{name_command(settings)} nightly` archives those of tonight, and others when they are a day old"
        yield Finding("spool", True, found, fix, is_warning=True)


def check_durability(settings: Settings) -> Finding:
    """Check whether the disk has what the embedded server acknowledges; it never syncs by itself."""
    from storage.files import is_written_through

    data = settings.home.s3_data
    if not settings.embedded_s3:
        return Finding("durability", True, "left to the store")
    if not data.exists():
        return Finding("durability", True, "no embedded store yet")
    if is_written_through(data):
        return Finding("durability", True, f"{data} is written through to the disk")
    found = f"{data}: its file system cannot be written through; a power cut may take the objects of the last seconds"
    return Finding(
        "durability", True, found, "move HEMEROTECA_HOME to ext4, or use a bucket elsewhere", is_warning=True
    )


def check_bucket(settings: Settings) -> list[Finding]:
    """Check the S3 server, and the objects that it should have."""
    where = "embedded server" if settings.embedded_s3 else f"{settings.s3_endpoint or 'AWS'}, {settings.s3_bucket}"
    fix = f"see {settings.home.s3_log}"
    if not settings.embedded_s3:
        fix = "check HEMEROTECA_S3_ENDPOINT, HEMEROTECA_S3_BUCKET and the keys, and that the bucket exists"
    try:
        with open_with_store(settings) as archive:
            empty = next(iter(archive.store.list_keys("manifests/")), None) is None
            evidence = _check_evidence(archive)
    except HemerotecaError as error:
        unknown = [Finding(part, False, "unknown", "fix S3 first") for part in _EVIDENCE]
        return [Finding("S3", False, _line(error), fix), *unknown]
    return [Finding("S3", True, f"{where}: answers, {'no crawl yet' if empty else 'holds crawls'}"), *evidence]


def _check_evidence(archive: Archive) -> list[Finding]:
    from hemeroteca.archive.bucket_check import check_bucket
    from hemeroteca.cli.evidence_faults import find_evidence_faults

    check = check_bucket(archive)
    faults = {fault.part: Finding(fault.part, False, fault.found, fault.fix) for fault in find_evidence_faults(check)}
    well = (
        Finding("objects", True, f"{check.objects:,}, as manifests and the catalog list them"),
        Finding("manifests", True, f"{check.manifests:,}, whole"),
        Finding("commits", True, "every crawl of the bucket has its manifest"),
    )
    return [*(faults.get(finding.part, finding) for finding in well), _check_tables(archive, check.nights)]


def _check_tables(archive: Archive, nights: Sequence[Night]) -> Finding:
    from hemeroteca.archive.publishing.month_of_tables import find_outdated_tables

    past = [night for night in nights if night < archive.settings.tonight()]  # those of tonight are not written yet
    outdated = find_outdated_tables(archive, past)
    if not outdated:
        return Finding("tables", True, f"{len(past):,} nights, with all rows and columns")
    span = f"from {outdated[0]} to {outdated[-1]}"
    found = f"{len(outdated):,} of {len(past):,} nights lack rows or newer columns, {span}"
    fix = f"`{name_command(archive.settings)} admin rebuild` rewrites them; or wait: each night one month has its turn"
    return Finding("tables", False, found, fix)


def check_coordination(settings: Settings) -> Finding:
    from hemeroteca.archive.archive import Archive
    from storage.catalog import POINTER

    try:
        with Archive(settings) as archive:
            archive.coordination.read_note(POINTER)
            return Finding("coordination", True, "answers")
    except HemerotecaError as error:
        return Finding("coordination", False, _line(error), _coordination_fix(settings))


def _coordination_fix(settings: Settings) -> str:
    from storage.database import is_sqlite, parse_database_url, sqlite_file

    url = parse_database_url(settings.coordination_url())
    if not is_sqlite(url):
        name = "COORDINATION" if settings.coordination else "CATALOG"
        return f"check HEMEROTECA_{name}, and that its server runs"
    file = shlex.quote(str(sqlite_file(url)))
    # Its content comes back by itself, but which catalog is in use only by a rebuild.
    return f"stop what runs here, `mv {file} {file}.damaged`, then `{name_command(settings)} admin rebuild`"


def check_catalog(settings: Settings) -> Finding:
    from hemeroteca.archive.archive import Archive
    from hemeroteca.archive.catalog_doubts import describe_shortfall

    if not check_coordination(settings).well:
        return Finding("catalog", False, "unknown: coordination says which it is", "fix coordination first")
    fix = f"`{name_command(settings)} admin rebuild` rebuilds it from the bucket"
    try:
        with Archive(settings) as archive:
            counts, others = archive.catalog.count_rows(), archive.catalog.list_others()
            shortfall = describe_shortfall(archive)
    except HemerotecaError as error:
        return Finding("catalog", False, _line(error), fix)
    if others and not counts["crawls"]:  # coordination is new and does not know which of those is in use
        return Finding("catalog", False, f"empty, but there is another: {', '.join(others)}", fix)
    if shortfall:
        return Finding("catalog", False, shortfall, fix)
    return Finding("catalog", True, f"{counts['captures']:,} captures, {counts['crawls']:,} crawls")


def check_airflow(settings: Settings) -> Finding:
    from hemeroteca.services.airflow import open_airflow_client
    from hemeroteca.services.reachability import fetch_url
    from hemeroteca.services.stack import read_holder

    holder = read_holder(settings)
    if not holder:
        return Finding("Airflow", True, f"not running; `{name_command(settings)} up` starts it")
    fix = f"wait a minute; then see the logs in {settings.home.airflow} and start `{name_command(settings)} up` again"
    if not holder.endpoint:
        return Finding("Airflow", False, "starting", fix)
    if fetch_url(f"{holder.endpoint}/api/v2/monitor/health") is None:  # the client would wait for a minute
        return Finding("Airflow", False, f"{holder.endpoint} does not answer", fix)
    try:
        with open_airflow_client(settings, holder.endpoint) as client:
            well = client.is_healthy()
    except HemerotecaError as error:
        return Finding("Airflow", False, _line(error), fix)
    return Finding("Airflow", well, f"{holder.endpoint}: {'healthy' if well else 'not healthy'}", fix)


def check_clock(settings: Settings) -> Finding:
    from hemeroteca.archive.archive import Archive

    fix = "set the clock right, for example with `timedatectl set-ntp true`"
    server, now = _server_time(settings), settings.now()
    if server and abs(server - now) > _SKEW:
        return Finding("clock", False, f"{abs(server - now).total_seconds():.0f} s from that of the S3 server", fix)
    try:
        with Archive(settings) as archive:
            ended = max((crawl.ended for crawl in archive.catalog.find_crawls(settings.tonight())), default=now)
    except HemerotecaError:
        ended = now
    if ended - now > _SKEW:
        return Finding("clock", False, f"it is {now:%Y-%m-%d %H:%M} UTC, but a crawl ended {ended:%Y-%m-%d %H:%M}", fix)
    return Finding("clock", True, f"{now:%Y-%m-%d %H:%M} UTC")


def check_contact(settings: Settings) -> Finding:
    fix = "set HEMEROTECA_CONTACT to an e-mail or web address where newspapers reach you"
    contact = settings.contact or ("not needed by the demo" if settings.demo else "")
    well = settings.demo or "@" in contact or contact.startswith(("http://", "https://"))
    return Finding("contact", well, contact or "none", fix)


def _line(error: Exception) -> str:
    return str(error).splitlines()[0]


def _server_time(settings: Settings) -> datetime | None:
    """Return the time of the S3 server; None when it is the embedded one or does not say."""
    import httpx

    if not settings.s3_endpoint:
        return None
    try:
        told = httpx.head(settings.s3_endpoint, timeout=5).headers.get("date")
        return parsedate_to_datetime(told) if told else None
    except (httpx.HTTPError, ValueError):
        return None


CHECKS: tuple[Callable[[Settings], Finding], ...] = (
    check_coordination, check_catalog, check_airflow, check_disk, check_durability, check_clock, check_contact,
)  # fmt: skip
