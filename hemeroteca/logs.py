"""Log events as lines on stderr; stdout is for a command's answer."""

from __future__ import annotations

import sys

import structlog


def log_to_stderr(level: str) -> None:
    """Print events of *level* and above as ``timestamp=… level=… event=…`` lines."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper("iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
