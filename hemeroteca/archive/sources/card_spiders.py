"""Whether the spiders that cards name can be run: checked in a separate process, because they may contain any code."""

from __future__ import annotations

import json
import subprocess
import sys

from hemeroteca.archive.sources.seeds import find_field_file
from hemeroteca.configuration import CHECKOUT, Settings
from storage.model.source import Source

_OURS = "newspaper"
_PATIENCE_SECONDS = 120.0


def find_spider_faults(settings: Settings, sources: list[Source]) -> list[str]:
    """Return a line ``file: spider: reason`` for each of *sources* whose spider is not there or may not be run."""
    left = [source for source in sources if source.spider != _OURS]
    lines: list[str] = []
    while left:
        answers, end = _ask(settings, left)
        if len(answers) < len(left):  # the next one ended the process
            answers.append([f"spider: {left[len(answers)].spider}: {end}"])
        for source, faults in zip(left, answers, strict=False):
            lines += [f"{find_field_file(settings, source.id, 'spider')}: {fault}" for fault in faults]
        left = left[len(answers) :]
    return lines


def _ask(settings: Settings, sources: list[Source]) -> tuple[list[list[str]], str]:
    """Return the faults of each of *sources*, up to one that keeps the process from answering, and how it ended."""
    process = subprocess.Popen(
        [sys.executable, "-m", "spiders.spider_check"],
        cwd=CHECKOUT,
        env=settings.spider_environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        told, _ = process.communicate("".join(f"{one.model_dump_json()}\n" for one in sources), _PATIENCE_SECONDS)
        end = f"loading it ended its process with status {process.returncode}"
    except subprocess.TimeoutExpired:
        process.kill()
        told, _ = process.communicate()
        end = f"loading it took more than {_PATIENCE_SECONDS:.0f} seconds"
    return [json.loads(line) for line in told.splitlines()], end
