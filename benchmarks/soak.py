"""``make soak``: thirty nights of the demo newspapers in one process, keeping house each week; red where a thing grows.

What must stay flat is compared by its highest value of a week; what must grow, because each night brings something new,
by how much it grew in as many nights. Real time does not pass: after each night the files of the home are a day older.
"""

from __future__ import annotations

import argparse
import logging
import os
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import date, timedelta
from pathlib import Path
from statistics import median
from typing import NamedTuple

import structlog
import yaml

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.pruning import measure
from hemeroteca.configuration import CHECKOUT, Settings
from hemeroteca.home import Home
from hemeroteca.services.children import Children
from hemeroteca.services.demo_server import start_demo_newspapers
from hemeroteca.services.housekeeping import keep_house
from hemeroteca.services.seaweed import run_own_s3
from hemeroteca.services.server_logs import list_logs, measure_log
from storage.model.errors import RunFailedError

FIRST = date(2026, 3, 1)
WEEK, FORTNIGHT = 7, 14
RUNS_KEPT_DAYS = 8
"""The fewest that may be set, so that runs are pruned well before the end."""
LOG_BYTES = 65_536
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class NightUsage(NamedTuple):
    """What a night took, and what the archive has after it, in bytes but for the first four."""

    night: int
    cpu_seconds: float
    rss_mb: float
    descriptors: int
    spool: int
    runs: int
    known: int
    coordination: int
    logs: int
    catalog: int
    bucket: int


class Verdict(NamedTuple):
    name: str
    value: float
    most: float


FLAT = {"cpu_seconds": 1.3, "rss_mb": 1.15, "descriptors": 1.0, "spool": 1.0}
"""How many times as high each may be in the last week as in the one around night 12."""
PRUNED = {"runs": 1.2, "coordination": 1.2}
"""The same for what is pruned, whose height is full once house was kept twice: compared with nights 14 to 20."""
CUT = {"logs": (LOG_BYTES, 1.3)}
"""What is cut to a size each week: its highest over that size, in all nights."""
GROWING = {"known": 1.3, "catalog": 1.3, "bucket": 1.3}
"""How many times as fast each may grow in the last ten nights as in the ten before them."""


def main() -> None:
    parser = argparse.ArgumentParser(description="Pass many nights in one process, and see what grows.")
    parser.add_argument("--nights", type=int, default=30, help="at least 28")
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    print(" ".join(f"{name:>12}" for name in NightUsage._fields))
    with tempfile.TemporaryDirectory() as folder:
        found = list(pass_nights(Path(folder) / "home", options.nights))
    red = False
    for name, value, most in judge(found):
        red |= value > most
        print(f"RATIO soak_{name} {value:.3f}" + (f" (more than {most})" if value > most else ""))
    sys.exit(1 if red else 0)


def pass_nights(place: Path, nights: int) -> Iterator[NightUsage]:
    """Pass *nights* of an archive in *place*, and yield what each of them took."""
    with serve(place) as connect_to:
        for number in range(1, nights + 1):
            settings = build_settings(place, number, connect_to)
            settings.home.today.write_text(str(settings.today))
            before = _cpu_seconds()
            _pass_night(settings)
            spent = _cpu_seconds() - before
            if number % WEEK == 0:
                _keep_house(settings)
            used = _measure(settings.home, number, spent)
            print(
                " ".join(f"{value:>12,}" if isinstance(value, int) else f"{value:>12.2f}" for value in used), flush=True
            )
            yield used
            age_files(settings.home)


@contextmanager
def serve(place: Path) -> Iterator[str]:
    """Serve the newspapers and the bucket of the archive in *place*."""
    settings = build_settings(place, 1, "")
    settings.home.make()
    write_cards(settings.home.path / "cards")
    with ExitStack() as stack:
        children = stack.enter_context(Children())
        stack.enter_context(run_own_s3(settings.home, children))
        yield start_demo_newspapers(settings, children)


def build_settings(place: Path, number: int, connect_to: str) -> Settings:
    return Settings(
        home=Home(place),
        demo=True,
        seeds=place / "cards",
        today=FIRST + timedelta(days=number - 1),
        crawl_slots=1,
        connect_to=connect_to,
        runs_kept_days=RUNS_KEPT_DAYS,
        log_bytes=LOG_BYTES,
    )


def write_cards(folder: Path) -> None:
    """Write the cards of the demo newspapers without their pauses."""
    folder.mkdir()
    for path in sorted((CHECKOUT / "seeds/demo").glob("*.yaml")):
        card = yaml.safe_load(path.read_text()) | {"delay_seconds": 0}
        (folder / path.name).write_text(yaml.safe_dump(card))


def _pass_night(settings: Settings) -> None:
    with Archive(settings) as archive:
        run = RunRef(dag_id="soak", run_id=str(settings.today))
        shards = tasks.plan_night(archive, run)
        with suppress(RunFailedError):
            tasks.take_steps(archive, run, shards)


def _keep_house(settings: Settings) -> None:
    troubles = Troubles()
    with Archive(settings) as archive:
        keep_house(archive, troubles)
    troubles.raise_first()


def age_files(home: Home) -> None:
    """Make the files that are pruned by their time a day older."""
    for folder in (home.runs, home.known):
        for path in folder.rglob("*"):
            earlier = path.lstat().st_mtime - timedelta(days=1).total_seconds()
            os.utime(path, (earlier, earlier))


def _measure(home: Home, number: int, cpu_seconds: float) -> NightUsage:
    return NightUsage(
        night=number,
        cpu_seconds=cpu_seconds,
        rss_mb=int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE_BYTES / 1e6,
        descriptors=len(list(Path("/proc/self/fd").iterdir())),
        spool=_measure_folder(home.spool),
        runs=_measure_folder(home.runs),
        known=_measure_folder(home.known),
        coordination=sum(path.stat().st_size for path in home.path.glob("coordination.sqlite*")),
        logs=sum(map(measure_log, list_logs(home))),
        catalog=sum(path.stat().st_size for path in home.path.glob("catalog*.sqlite*")),
        bucket=_measure_folder(home.s3_data),
    )


def _measure_folder(folder: Path) -> int:
    return measure(folder) if folder.exists() else 0


def _cpu_seconds() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def judge(found: Sequence[NightUsage]) -> Iterator[Verdict]:
    """Yield how much more the end of the soak has, or brings, than its middle."""
    late = found[-WEEK:]
    for limits, early in (
        (FLAT, found[WEEK + 1 : FORTNIGHT + 1]),
        (PRUNED, found[FORTNIGHT - 1 : FORTNIGHT + WEEK - 1]),
    ):
        for name, most in limits.items():
            sum_up: Callable[[list[float]], float] = median if name == "cpu_seconds" else max
            before, after = (sum_up([getattr(one, name) for one in week]) for week in (early, late))
            yield Verdict(name, _divide(after, before), most)
    for name, (size, most) in CUT.items():
        yield Verdict(name, max(getattr(one, name) for one in found) / size, most)
    first, middle, last = found[-21], found[-11], found[-1]
    for name, most in GROWING.items():
        at = [getattr(one, name) for one in (first, middle, last)]
        yield Verdict(f"{name}_growth", _divide(at[2] - at[1], at[1] - at[0]), most)


def _divide(after: float, before: float) -> float:
    """Return how many times *before* is in *after*; nothing that stays nothing is 1."""
    return after / before if before else 1.0 if after == 0 else float("inf")


if __name__ == "__main__":
    main()
