"""What Scrapy's commands (crawl, fetch, parse, shell, check) say about the archive: in Scrapy's log, not on stdout."""

from __future__ import annotations

from collections.abc import MutableMapping
from itertools import islice
from pathlib import Path
from typing import Any

import structlog

from spiders.crawl.attempt import read_outcome_lines
from storage.model.outcome import STORED

log = structlog.get_logger()

_MOST_LINES = 50


def log_as_scrapy() -> None:
    """Let our events go where Scrapy's do: ``LOG_LEVEL``, ``LOG_FILE`` and ``--nolog`` count for them too."""
    structlog.configure(
        processors=[structlog.processors.format_exc_info, _render],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


def tell_not_captured(directory: Path) -> None:
    """Log what was asked for and not captured, of a source that has ended in *directory*: the first ones."""
    outcomes = read_outcome_lines(directory / "ledger.jsonl")
    for outcome in islice((one for one in outcomes if one.state not in STORED), _MOST_LINES):
        detail = {"detail": outcome.detail} if outcome.detail else {}
        log.info("not captured", url=outcome.url, reason=f"{outcome.state} {outcome.reason}", **detail)


def _render(logger: object, name: str, event: MutableMapping[str, Any]) -> str:
    phrase, trace = event.pop("event"), event.pop("exception", "")
    line = " ".join([str(phrase), *(f"{name}={value}" for name, value in event.items())])
    return f"{line}\n{trace}" if trace else line
