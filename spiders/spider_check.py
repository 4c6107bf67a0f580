"""``python -m spiders.spider_check``: whether the spiders of cards can be run.

Each line on stdin is a Source (JSON). For each a line goes to stdout, once its spider is loaded: a JSON list of what is
wrong, as ``field: reason``. What the spiders themselves print goes to stderr.
"""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout

from spiders.newspaper import Newspaper
from spiders.plain.allowed_settings import check_settings
from spiders.plain.spider_class import find_spider_class
from storage.model.errors import SeedError
from storage.model.source import Source


def main() -> None:
    out = sys.stdout
    for line in sys.stdin:
        source = Source.model_validate_json(line)
        with redirect_stdout(sys.stderr):
            faults = _find_faults(source)
        print(json.dumps(faults), file=out, flush=True)


def _find_faults(source: Source) -> list[str]:
    try:
        spider_class = find_spider_class(source)
        if not issubclass(spider_class, Newspaper):
            check_settings(spider_class, source.id)
    except SeedError as error:
        return [line.removeprefix(f"{source.id}: ") for line in str(error).splitlines()]
    return []


if __name__ == "__main__":
    main()
