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

from benchmarks.extraction.confidence_curve import measure_f1, print_reliability
from benchmarks.extraction.gold_pages import EVAL, NEWS, SHARED, GoldPage, read_gold_pages
from benchmarks.extraction.rule_scores import print_rules
from benchmarks.extraction.text_structures import count_right_structures
from hemeroteca.extraction.article import extract_page
from storage.model.errors import NoMainTextError

Row = dict[str, Any]

_MUCH_WORSE = 0.1


def main() -> None:
    parser = argparse.ArgumentParser(description="Score texts out of fold on the shared pages.")
    parser.add_argument("--output", type=Path, help="a folder to keep both sets of texts in")
    options = parser.parse_args()
    if not SHARED.is_dir():
        raise SystemExit(f"{SHARED}: no shared test data")
    measure_texts(options.output)
    print_rules()
    print(f"RATIO structures_right {count_right_structures()}")


def measure_texts(output: Path | None = None) -> None:
    """Print the scores of both and the figures that follow from them, and keep the texts in *output*."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = output or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        ours, theirs = folder / "ours.jsonl", folder / "trafilatura.jsonl"
        _write(ours, _ours())
        if not theirs.exists():
            _write(theirs, _theirs())
        scores, base = _score(ours, folder, theirs), _score(theirs, folder, None)
        print_reliability(ours)
        for name, genre in (("", "news"), ("blogs_", "wcxb_articles")):
            _print_error(name, scores[genre], base[genre])
        _print_tail(_read_texts(ours), _read_texts(theirs))
        print(f"RATIO lists_f1 {scores['wcxb_other']['f1']:.4f}")


def _print_error(name: str, ours: Row, theirs: Row) -> None:
    """Print our error over trafilatura's, and what the interval of the difference makes of it."""
    errors = [1 - found["f1"] for found in (ours, theirs)]
    low, high = (errors[1] - change for change in reversed(ours["dF1_ci"]))
    print(f"{name}error {errors[0]:.4f}, trafilatura {errors[1]:.4f}; interval of the difference gives "
          f"ratios {low / errors[1]:.3f} to {high / errors[1]:.3f}")  # fmt: skip
    print(f"RATIO text_{name}error_vs_trafilatura {errors[0] / errors[1]:.4f}")


def _print_tail(ours: dict[str, str], theirs: dict[str, str]) -> None:
    """Print how many pages trafilatura reads much better, and how many articles have no text."""
    articles = [gold for gold in read_gold_pages() if gold.text and gold.set != "wcxb_other"]
    news = [gold for gold in articles if gold.set in NEWS]
    much_worse = [
        gold.id
        for gold in news
        if measure_f1(gold.text or "", ours[gold.id]) < measure_f1(gold.text or "", theirs[gold.id]) - _MUCH_WORSE
    ]
    empty = [gold.id for gold in articles if not ours[gold.id]]
    print(
        f"much worse than trafilatura: {', '.join(much_worse) or 'none'}; without a text: {', '.join(empty) or 'none'}"
    )
    print(f"RATIO text_tail_share {len(much_worse) / len(news):.4f}")
    print(f"RATIO text_empty_share {len(empty) / len(articles):.4f}")


def _read_texts(path: Path) -> dict[str, str]:
    return {row["id"]: row["text"] for row in map(json.loads, path.read_text().splitlines())}


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
        found = bare_extraction(gold.page.body, include_comments=False)
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
