"""An Airflow server as one of our processes, which starts faster than the command ``airflow``.

``python -m hemeroteca.services.airflow_process [--after URL] COMMAND …`` is ``airflow COMMAND …``. With ``--after`` it
imports what it needs, but begins only when URL answers: tasks that are started before the execution API answers fail
for good, and that API builds itself at its first request.
"""

from __future__ import annotations

import gc
import importlib
import sys
import time

from hemeroteca.services.reachability import fetch_url

_GC_THRESHOLD = 100_000
"""Building an API of 800 routes makes so many objects that the default (700) costs a quarter of the start."""
_MODULES = {
    "scheduler": ("airflow.cli.commands.scheduler_command", "airflow.jobs.scheduler_job_runner"),
}
_POLL_SECONDS = 0.1


def main(arguments: list[str]) -> None:
    gc.set_threshold(_GC_THRESHOLD, 20, 20)
    from airflow.__main__ import main as airflow

    after = arguments[1] if arguments[0] == "--after" else None
    command = arguments[2:] if after else arguments
    for module in _MODULES.get(command[0], ()):
        importlib.import_module(module)
    while after and fetch_url(after, timeout=60) is None:
        time.sleep(_POLL_SECONDS)
    sys.argv = ["airflow", *command]
    airflow()


if __name__ == "__main__":
    main(sys.argv[1:])
