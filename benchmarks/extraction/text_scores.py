"""``make eval-text``: how the texts of the shared pages score against gold, each by a model that never saw its host.

trafilatura with its defaults (no comments) reads the same pages. Both are scored by ``../shared/eval/score.py``, set by
set, with intervals over hosts; the last lines are the figures that the archive promises.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from trafilatura import bare_extraction

from benchmarks.extraction.confidence_curve import print_reliability
from benchmarks.extraction.gold_pages import EVAL, SHARED, GoldPage, read_gold_pages
from hemeroteca.extraction.article import extract_page
from hemeroteca.extraction.page.tree import parse_page
from storage.model.errors import NoMainTextError

Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(description="Score texts out of fold on the shared pages.")
    parser.add_argument("--output", type=Path, help="a folder to keep both sets of texts in")
    options = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: no shared test data")
    print(f"RATIO text_error_vs_trafilatura {measure_texts(options.output):.4f}")


def measure_texts(output: Path | None = None) -> float:
    """Print the scores of both, keep the texts in *output*, and return our error on news over trafilatura's."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = output or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        ours, theirs = folder / "ours.jsonl", folder / "trafilatura.jsonl"
        _write(ours, _ours())
        if not theirs.exists():
            _write(theirs, _theirs())
        scores, base = _score(ours, folder, theirs), _score(theirs, folder, None)
        print_reliability(ours)
        errors = [1 - found["news"]["f1"] for found in (scores, base)]
        low, high = (errors[1] - change for change in reversed(scores["news"]["dF1_ci"]))
        print(f"news error {errors[0]:.4f}, trafilatura {errors[1]:.4f}; interval of the difference gives "
              f"ratios {low / errors[1]:.3f} to {high / errors[1]:.3f}")  # fmt: skip
        return float(errors[0] / errors[1])


def _ours() -> Iterator[Row]:
    for gold in read_gold_pages():
        yield {"id": gold.id, "set": gold.set, **_document(gold)}


def _document(gold: GoldPage) -> Row:
    try:
        found = extract_page(gold.page, fold=gold.fold)
    except NoMainTextError as error:
        return {"text": "", "reason": error.reason}
    return found.model_dump(mode="json", include={"text", "confidence", "text_share", "quality_flags"})


def _theirs() -> Iterator[Row]:
    for gold in read_gold_pages():
        try:
            found = bare_extraction(parse_page(gold.page).tree, include_comments=False)
        except NoMainTextError:
            found = None
        yield {"id": gold.id, "set": gold.set, "text": (found.text or "") if found else ""}


def _write(path: Path, rows: Iterable[Row]) -> None:
    with path.open("w") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _score(texts: Path, folder: Path, baseline: Path | None) -> dict[str, Any]:
    """Print the table of *texts* and return its figures."""
    result = folder / f"{texts.stem}.scores.json"
    command = [sys.executable, str(EVAL / "score.py"), str(EVAL), str(texts), "--json", str(result)]
    print(f"\n{texts.stem}, out of fold" if baseline else f"\n{texts.stem}", flush=True)
    subprocess.run(command + (["--baseline", str(baseline)] if baseline else []), check=True)
    found: dict[str, Any] = json.loads(result.read_text())
    return found


if __name__ == "__main__":
    main()
