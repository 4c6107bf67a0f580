"""What `hemeroteca up` says once its servers run: where they are, what comes next, what is lacking."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from hemeroteca.archive.archive import embedded_s3_settings
from hemeroteca.archive.sources.seeds import read_sources
from hemeroteca.configuration import Settings
from hemeroteca.services.airflow_alerts import TRIGGERER_OFF
from hemeroteca.services.airflow_client import AirflowClient
from hemeroteca.services.environment import USER, choose_schedule

_LABEL = 12
_DAY = timedelta(days=1)


def describe_servers(settings: Settings, client: AirflowClient) -> Iterator[str]:
    """Yield the lines of the status block."""
    cards, errors = read_sources(settings)
    enabled = sum(card.enabled for card in cards)
    yield ""
    yield _line("Archive", str(settings.home))
    yield _line("S3", _describe_store(settings))
    yield _line("Airflow", client.endpoint)
    yield _line("", f"user {USER}, password in {settings.home.airflow_passwords}")
    yield _line("Schedule", _describe_schedule(settings, client.read_next_run("nightly_crawl")))
    yield _line("Newspapers", f"{enabled} of {len(cards)} enabled")
    yield _line("Logs", f"{settings.home.airflow}/*.log (`--verbose` shows them here)")
    yield ""
    yield from errors
    if not enabled:
        yield "None are enabled yet: `hemeroteca sources list` shows them, `hemeroteca sources enable ID` adds one."
    yield TRIGGERER_OFF
    yield "Stop with Ctrl-C."
    yield ""


def _describe_store(settings: Settings) -> str:
    if settings.embedded_s3:
        return f"{embedded_s3_settings(settings.home).endpoint_url} (embedded: its files are in the archive's home)"
    return f"bucket {settings.s3_bucket} at {settings.s3_endpoint or 'AWS'}"


def _describe_schedule(settings: Settings, next_run: datetime | None) -> str:
    cron = choose_schedule(settings)
    if not cron:
        return "none: a night is crawled when somebody asks for it"
    if next_run is None:
        return f"{cron} (cron, UTC)"
    return f"next run at {next_run:%Y-%m-%d %H:%M} UTC, {_tell_wait(next_run - settings.now())} ({cron})"


def _tell_wait(wait: timedelta) -> str:
    minutes = max(int(wait.total_seconds() // 60), 0)
    if minutes < 60:
        return f"in {minutes} min"
    return f"in {minutes // 60} h" if wait < 2 * _DAY else f"in {wait.days} days"


def _line(label: str, words: str) -> str:
    return f"  {label:{_LABEL}}{words}"
