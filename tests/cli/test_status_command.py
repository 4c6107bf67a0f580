"""The coverage of a night, as it is printed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.unhealed import note_faults
from hemeroteca.cli.coverage import COLUMNS
from hemeroteca.cli.run_commands import _find_crawls
from hemeroteca.configuration import read_settings
from storage.model.crawl import OutcomeCount
from tests.cli.conftest import Run
from tests.storage.committed import HOME, Committed, DraftCrawl

Publish = Callable[[Committed], None]


def faro() -> DraftCrawl:
    night = DraftCrawl(1)
    page = night.captured(f"{HOME}a", "A", kind="article")
    night.captured(f"{HOME}b", "B")
    night.unchanged(f"{HOME}c", page)
    night.not_modified(f"{HOME}d", page)
    night.failed(f"{HOME}e", 404)
    night.skipped(f"{HOME}f")
    return night


def test_a_night_is_one_aligned_line_a_source_and_a_total(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish
) -> None:
    publish(faro().committed())
    other = DraftCrawl(1, "demo-gazzetta")
    other.captured(f"{HOME}x", "X")
    publish(other.committed())
    said = hemeroteca("status", "--night", "2026-03-01", **bucket)
    assert said.returncode == 0, said.stderr
    title, head, *rows, rule = said.stdout.splitlines()
    assert title == "Night of 2026-03-01"
    assert head.split() == ["source", "found", "captured", "same", "304", "failed", "skipped", "bytes", "secs"]
    assert [row.split() for row in rows] == [
        ["demo-faro", "6", "2", "1", "1", "1", "1", "5.0k", "600.0"],
        ["demo-gazzetta", "1", "1", "0", "0", "0", "0", "1.0k", "600.0"],
        ["total", "7", "3", "1", "1", "1", "1", "6.0k", "1,200.0"],
    ]
    assert len({len(line) for line in [head, *rows]}) == 1
    assert rule == "found = captured + same + 304 + failed + skipped"


def test_the_same_in_json_adds_up(hemeroteca: Run, bucket: dict[str, str], publish: Publish) -> None:
    publish(faro().committed())
    said = hemeroteca("status", "--json", "--night", "2026-03-01", **bucket)
    [row] = [json.loads(line) for line in said.stdout.splitlines()]
    states = [column.replace(" ", "_") for column in COLUMNS[2:8]]
    assert row["discovered"] == sum(row[state] for state in states) == 6
    assert (row["source"], row["crawl"]) == ("demo-faro", "demo-faro-20260301-nightly")


def test_without_a_date_the_newest_night_is_shown(hemeroteca: Run, bucket: dict[str, str], publish: Publish) -> None:
    publish(faro().committed())
    publish(DraftCrawl(2).committed())
    assert hemeroteca("status", **bucket).stdout.startswith("Night of 2026-03-02\n")


def test_a_night_that_never_was_ends_with_1(hemeroteca: Run, bucket: dict[str, str], publish: Publish) -> None:
    publish(faro().committed())
    said = hemeroteca("status", "--night", "2026-02-01", **bucket)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr == "hemeroteca: 2026-02-01: nothing was crawled that night\n"


def test_a_late_manifest_is_a_line_of_its_own_that_counts_nothing(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish
) -> None:
    publish(faro().committed())
    late = DraftCrawl(1, late="0badcafe")
    late.captured(f"{HOME}late", "L")
    publish(late.committed())
    rows = hemeroteca("status", **bucket).stdout.splitlines()
    assert [row.split()[:4] for row in rows[2:4]] == [["demo-faro", "6", "2", "1"], ["demo-faro", "(late)", "0", "0"]]


def test_a_night_whose_crawl_was_never_finished_is_red_whatever_was_committed_late_of_it(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish
) -> None:
    late = DraftCrawl(1, late="0badcafe")
    late.captured(f"{HOME}late", "L")
    publish(late.committed())
    said = hemeroteca("status", **bucket)
    assert said.returncode == 1
    assert said.stdout.splitlines()[-1] == "Red: demo-faro: its crawl was not finished"
    publish(faro().committed())
    assert hemeroteca("status", **bucket).returncode == 0


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"discovered": 7}, "demo-faro: 7 URLs discovered, 6 accounted for"),
        ({"unread": True}, "demo-faro: none of its feeds, sitemaps or sections could be read"),
        ({"starved": True}, "demo-faro: none of the articles it announced was fetched: 4 refused (scope)"),
    ],
)
def test_a_red_night_says_why_in_one_line_and_ends_with_1(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish, change: dict[str, object], why: str
) -> None:
    made = faro().committed()
    if change.pop("unread", False):
        counts = tuple(count.replace(purpose="feed") for count in made.manifest.counts if count.state == "failed")
        change = {"counts": counts, "discovered": 1}
    if change.pop("starved", False):
        feed = OutcomeCount(purpose="feed", state="captured", urls=2)
        change = {"counts": (feed, OutcomeCount(purpose="article", state="refused", reason="scope", urls=4))}
    publish(made._replace(manifest=made.manifest.replace(**change)))
    said = hemeroteca("status", **bucket)
    assert said.returncode == 1
    assert said.stdout.splitlines()[-1] == f"Red: {why}"


def test_a_survey_or_a_crawl_by_hand_does_not_redden_the_night(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish
) -> None:
    publish(faro().committed())
    survey = DraftCrawl(1, "demo-gazzetta")
    survey.failed(f"{HOME}feed", 500)
    made = survey.committed()
    crawl = made.manifest.crawl.replace(id="demo-gazzetta-20260301T100000Z-manual-0badcafe", trigger="manual")
    counts = tuple(count.replace(purpose="feed") for count in made.manifest.counts)
    publish(made._replace(key="manifests/crawl/x.json", manifest=made.manifest.replace(crawl=crawl, counts=counts)))
    said = hemeroteca("status", "--night", "2026-03-01", **bucket)
    assert said.returncode == 0, said.stderr
    assert "demo-gazzetta (manual)" in said.stdout
    assert said.stdout.endswith("\nBy hand: demo-gazzetta: none of its feeds, sitemaps or sections could be read\n")
    assert "Red" not in said.stdout


def test_a_night_is_red_and_run_again_until_what_it_lacks_is_healed(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish, home: Path
) -> None:
    made = faro().committed()
    publish(made)
    night, source = date(2026, 3, 1), made.manifest.source
    settings = read_settings(home=home, demo=True, today=night)
    assert [crawl.source_id for crawl in _find_crawls(settings, night, [source])] == ["demo-faro"]
    with Archive(settings) as archive:
        note_faults(archive, night, made.manifest.crawl.id, ["demo-faro: its crawl is committed but not cleaned"])
    assert _find_crawls(settings, night, [source]) == []
    said = hemeroteca("status", "--night", "2026-03-01", **bucket)
    assert said.returncode == 1
    assert said.stdout.splitlines()[-1] == "Red: demo-faro: its crawl is committed but not cleaned"
    with Archive(settings) as archive:
        note_faults(archive, night, made.manifest.crawl.id, [])
    assert _find_crawls(settings, night, [source])
    assert hemeroteca("status", "--night", "2026-03-01", **bucket).returncode == 0


def test_rules_that_earlier_releases_counted_as_failed_are_shown_as_answers(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish
) -> None:
    made = faro().committed()
    old = [
        OutcomeCount(purpose=purpose, state="failed", reason=reason, urls=1)
        for purpose, reason in (("robots", "http_404"), ("tdmrep", "http_403"), ("robots", "http_429"))
    ]
    publish(made._replace(manifest=made.manifest.replace(counts=(*made.manifest.counts, *old), discovered=9)))
    said = hemeroteca("status", "--json", "--night", "2026-03-01", **bucket)
    row = json.loads(said.stdout)
    assert (row["captured"], row["failed"]) == (2 + 2, 1 + 1)


def test_where_there_is_no_archive_nothing_is_made(hemeroteca: Run, home: Path) -> None:
    said = hemeroteca("status")
    assert said.returncode == 1
    assert "there is no archive yet; `hemeroteca nightly` makes one" in said.stderr
    assert "`hemeroteca --demo nightly` makes one" in hemeroteca("--demo", "status").stderr
    assert not home.exists()


def test_what_is_probably_wrong_with_a_newspaper_is_told_and_reddens_nothing(
    hemeroteca: Run, bucket: dict[str, str], publish: Publish, home: Path
) -> None:
    made = faro().committed()
    publish(made)
    with Archive(read_settings(home=home, demo=True, today=date(2026, 3, 1))) as archive:
        archive.coordination.write_note(f"cause/2026-03-01/{made.manifest.crawl.id}", "6 of 6 are soft_404: open one")
    said = hemeroteca("status", **bucket)
    assert (said.returncode, said.stdout.splitlines()[-1]) == (0, "Look at demo-faro: 6 of 6 are soft_404: open one")
    assert json.loads(hemeroteca("status", "--json", **bucket).stdout)["cause"] == "6 of 6 are soft_404: open one"
