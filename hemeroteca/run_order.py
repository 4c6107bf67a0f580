"""The order of a run's steps, in one place: DAGs make tasks of them, and the command runs them in its own process."""

from __future__ import annotations

SHARD_STEPS = ("crawl", "clean", "publish")
"""The steps of each shard."""

RUN_STEPS = ("tables", "report")
"""The steps of the run once every shard has taken its own."""
