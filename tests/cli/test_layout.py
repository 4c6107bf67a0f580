"""Tables and sentences fit the terminal, whatever its width: no number is cut, and nothing that counts is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hemeroteca.cli.coverage import COLUMNS, SHORT_NAMES, write_table
from hemeroteca.cli.layout import Column, cut, lay_out, measure, wrap, write_size
from storage.catalog import CrawlRow
from storage.model.crawl import OutcomeCount
from storage.model.outcome import STATES
from tests.cli.pseudo_terminal import run_in_terminal
from tests.storage.committed import Committed, DraftCrawl, at, crawl_of

WIDTHS = (60, 80, 120, 200)
HUGE = 1_234_567


def row(source_id: str = "demo-anzeiger", urls: int = 100, **facts: Any) -> CrawlRow:
    """A crawl in which every column says something, unless *facts* say otherwise."""
    crawl = crawl_of(1, source_id)
    fields = {
        "manifest_key": f"{source_id}.json", "crawl_id": crawl.id, "source_id": source_id, "night": crawl.night,
        "trigger": "nightly", "started": at(1), "ended": at(1, 1217.4), "end_reason": "finished",
        "discovered": urls * len(STATES),
        "counts": tuple(OutcomeCount(purpose="article", state=state, reason="budget", urls=urls) for state in STATES),
        "wire_bytes": 13_466_041 * urls, "documents": urls, "confidence": 0.98, "flagged": 2, "without_text": 17,
        "late": False, "previous": None,
    }  # fmt: skip
    return CrawlRow.model_validate(fields | facts)


def plain(**facts: Any) -> CrawlRow:
    """A usual first night: most columns are empty."""
    counts = (
        OutcomeCount(purpose="article", state="captured", urls=70),
        OutcomeCount(purpose="article", state="refused", reason="scope", urls=41),
        OutcomeCount(purpose="article", state="failed", reason="http_404", urls=3),
    )
    return row(counts=counts, discovered=114, flagged=0, **facts)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "crawls",
    [
        [plain()],
        [plain(), plain(source_id="demo-faro")],
        [row(), row("demo-faro")],
        [row(urls=HUGE), row("demo-faro", HUGE)],
        [row("xx-" + "a-very-long-name-of-a-newspaper" * 2, HUGE)],
    ],
    ids=["one", "usual", "every column", "huge", "long id"],
)
def test_the_coverage_fits_and_its_numbers_are_whole(crawls: list[CrawlRow], width: int) -> None:
    lines = write_table(crawls, [], width)
    assert [line for line in lines if measure(line) > max(width, 66)] == []  # the long id alone may stick out
    said = "\n".join(lines)
    for crawl in crawls:
        assert crawl.source_id in said
        for state in {count.state for count in crawl.counts}:
            assert f"{sum(count.urls for count in crawl.counts if count.state == state):,}" in said
        assert f"{crawl.discovered:,}" in said
    assert "…" not in said
    assert re.search(r"^(discovered|found) = captured \+ ", said, re.MULTILINE)


def test_a_wide_terminal_shows_every_column_and_a_narrow_one_what_is_not_empty() -> None:
    wide = write_table([plain()], [], 200)
    assert re.split("  +", wide[0]) == list(COLUMNS)
    at_80 = write_table([plain()], [], 80)
    assert at_80[0].split() == [
        "source", "found", "captured", "failed", "refused", "docs", "empty", "conf", "bytes", "secs"
    ]  # fmt: skip
    assert at_80[2] == "found = captured + failed + refused"
    at_60 = write_table([plain()], [], 60)
    assert at_60[-1] == "In a wider terminal also: conf, secs"
    assert set(SHORT_NAMES) >= {"found", "docs"}


def test_the_lines_of_a_table_end_in_one_column() -> None:
    lines = write_table([plain(), plain(source_id="demo-faro")], [], 80)
    assert len({len(line) for line in lines[:4]}) == 1
    assert lines[3].startswith("total ")


@pytest.mark.parametrize("width", range(20, 200, 7))
def test_at_any_width_no_line_is_longer_than_it(width: int) -> None:
    columns = [Column("name", "name"), *(Column(f"column {n}", f"c{n}") for n in range(9))]
    table = lay_out(columns, [["日本語の新聞", *range(9)], ["b", *[HUGE] * 9]], width)
    assert [line for line in table.lines if measure(line) > width] == []
    assert "\n".join(table.lines).count("1,234,567") == 9


def test_cells_are_aligned_by_what_they_take_on_a_terminal() -> None:
    lines = lay_out([Column("name", "name"), Column("count", "count")], [["日本", 1], ["ab", 22]], 80).lines
    assert [measure(line) for line in lines] == [11, 11, 11]
    assert cut("日本語の新聞", 7) == "日本語…"


def test_what_strangers_wrote_does_not_reach_the_terminal_from_a_cell() -> None:
    assert "\x1b" not in "".join(lay_out([Column("a", "a")], [["x\x1b[2J"]], 80).lines)


def test_addresses_are_not_broken_where_sentences_are() -> None:
    address = f"https://www.example.org/{'a' * 80}"
    assert wrap(f"see {address} now", 30, "  ") == ["see", f"  {address}", "  now"]


@pytest.mark.parametrize(
    ("count", "said"),
    [(None, "0"), (0, "0"), (999, "999"), (1000, "1.0k"), (333_023, "333k"), (999_499, "999k"), (999_500, "1.0M"),
     (9_949_999, "9.9M"), (1_000_000_000, "1.0G"), (12_345_678_901, "12G"), (10**12, "1.0T")],
)  # fmt: skip
def test_a_size_is_short(count: int | None, said: str) -> None:
    assert write_size(count) == said


@pytest.mark.parametrize("width", WIDTHS)
def test_status_fits_a_real_terminal(
    home: Path, bucket: dict[str, str], publish: Callable[[Committed], None], width: int
) -> None:
    for source_id in ("demo-anzeiger", "demo-faro-with-a-longer-name"):
        made = DraftCrawl(1, source_id).committed()
        counts = tuple(
            OutcomeCount(purpose="article", state=state, reason=None if state == "captured" else "budget", urls=HUGE)
            for state in STATES
        )
        facts = {"counts": counts, "discovered": HUGE * len(STATES), "wire_bytes": 10**9}
        publish(made._replace(manifest=made.manifest.replace(**facts)))
    status, lines = run_in_terminal(home, width, "status", **bucket)
    assert status == 0, lines
    assert [line for line in lines if measure(line) > width] == []
    assert "\n".join(lines).count("1,234,567") == 2 * len(STATES)
    assert ("not modified" in "\n".join(lines)) == (width >= 200)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("arguments", [("sources", "list"), ("plan", "--source", "es-elmundo")])
def test_lists_and_plans_fit_a_real_terminal(home: Path, arguments: tuple[str, ...], width: int) -> None:
    (home / "seeds").mkdir(parents=True)
    title = "日本語の新聞とその長い名前、もっと長い名前、さらに長い名前"
    (home / "seeds/jp-long.yaml").write_text(
        f"id: jp-a-newspaper-with-a-long-id\ntitle: {title}\nhomepage: https://www.example.jp/\nlanguage: ja\n"
        "discoveries: [{kind: section, url: 'https://www.example.jp/'}]\n",
        encoding="utf-8",
    )
    status, lines = run_in_terminal(home, width, *arguments)
    assert status == 0
    assert [line for line in lines if measure(line) > width] == []
    if arguments[0] == "sources":
        assert any(line.startswith("es-elmundo ") and "El Mundo" in line for line in lines)
        assert ("https://www.example.jp/" in "\n".join(lines)) == (width >= 120)


@pytest.mark.parametrize("width", WIDTHS)
def test_captures_are_listed_by_the_width_of_the_terminal(home: Path, archived: dict[str, str], width: int) -> None:
    run_in_terminal(home, width, "rebuild", **archived)
    status, lines = run_in_terminal(home, width, "ls", "faro.hemeroteca.test/*", "--limit", "3", **archived)
    assert status == 0, lines
    listed = [line for line in lines if re.match(r"\d{4}-\d\d-\d\dT", line)]
    assert len(listed) == 3
    for line in listed:
        assert line.endswith(re.findall(r"http\S+", line)[-1])
        assert ("-nightly" in line) == (width >= 160)
