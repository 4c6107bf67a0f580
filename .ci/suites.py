"""Prints how many cases of each shared suite the tests of a log have run; status 1 when one that is there was not.

``suites.py LOG SHARED``: suites are the files ``SHARED/suites/*/*.jsonl``, and the folders ``sample`` and ``eval``.
"""

import re
import sys
from pathlib import Path

COUNTED = re.compile(r"^suite (\S+): (\d+) cases(?:, (.*))?$", re.MULTILINE)
NOT_YET = {
    "cdx-memento": "nothing answers CDX or Memento yet",
    "urls/pywb_ranges": "nothing answers CDX yet",
    "security/xss_dompurify": "there are no web pages yet",
    "security/xss_list": "there are no web pages yet",
    "odd-origins": "whole newspapers for the installed command; its own run.py drives them",
    "hostile-inputs": "what single inputs cost the installed command; its own run.py drives them",
    "text-structures": "pages for the installed command; its own judge.py judges them",
    "security/ssrf_flows": "says how to drive a crawl: tests/spiders/wire/test_ssrf_suite.py does",
    "urls/crawlercommons_normalize": "a normal form that is not ours",
    "urls/urlcanon_aggressive": "a normal form that is not ours",
    "urls/urlcanon_semantic_precise": "a normal form that is not ours",
    "urls/urlcanon_ssurt": "a key that is not ours",
}


def main(log: Path, shared: Path) -> int:
    counted = COUNTED.findall(log.read_text(errors="replace"))
    wrong = 0
    for name in find_suites(shared):
        reason = NOT_YET.get(name) or NOT_YET.get(name.partition("/")[0])
        runs = [(cases, what) for suite, cases, what in counted if suite == name and int(cases)]
        for cases, what in runs or [("-", f"not run: {reason}" if reason else "NOT RUN")]:
            print(f"{name:34} {cases:>6}  {what}")
        if bool(runs) == bool(reason):  # not run without a reason, or run against one
            print(f"{name}: {'strike it from NOT_YET' if runs else 'is there, and no test that passed has counted it'}")
            wrong += 1
    return 1 if wrong else 0


def find_suites(shared: Path) -> list[str]:
    """Return the names of the suites that are there: each file of cases, or a folder that has none."""
    names = [folder.name for folder in (shared / "sample", shared / "eval") if folder.is_dir()]
    for folder in sorted(one for one in (shared / "suites").glob("*") if one.is_dir()):
        files = sorted(folder.glob("*.jsonl"))
        names += [f"{folder.name}/{file.stem}" for file in files] or [folder.name]
    return names


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
