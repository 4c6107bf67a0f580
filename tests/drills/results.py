"""The result of a drill: the night again, what is left then, the next night; and the table of all drills."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from tests.drills.judge import DANGLES, Verdict

if TYPE_CHECKING:  # the fixtures of all tests print the table, and a stage needs them
    from tests.drills.stage import Stage

_COLUMNS = ("drill", "tries", "acknowledged", "lost", "wrong", "no text", "siblings", "next night")
_SHOWN = 4


class DrillResult(NamedTuple):
    """One try of a drill; a fault is a line for a person to look at."""

    drill: str
    acknowledged: int
    lost: list[str]
    wrong: list[str]
    textless: list[str]
    siblings: list[str]
    next_night: list[str]
    tries: int = 1

    @property
    def faults(self) -> list[str]:
        return [*self.lost, *self.wrong, *self.textless, *self.siblings, *self.next_night]

    def sum_up(self) -> Iterator[str]:
        """Yield how many faults there are of each sort, and some of them."""
        for name in ("lost", "wrong", "textless", "siblings", "next_night"):
            found = getattr(self, name)
            if found:
                yield f"{name}: {len(found)}"
                yield from (f"  {fault}" for fault in found[:_SHOWN])


def finish(
    stage: Stage, drill: str, seed: int = 0, urls: Iterable[str] = (), heal: Callable[[], None] | None = None
) -> DrillResult:
    """Judge *stage* as the fault left it, once the fault is over and the same night was run again, and a night later.

    At first nothing may be wrong, and the siblings of the newspapers that were struck have all that is theirs. The same
    night again heals what it can: then nothing is lost, and every article has its text. The next night is green.
    """
    struck = stage.judge(seed, urls)
    if heal:
        heal()
    stage.pass_night()
    healed = stage.judge(seed, asked=0)
    stage.turn_night()
    red = [] if stage.pass_night() else [f"the night of {stage.night} is red"]
    after = stage.judge(seed, urls)
    return DrillResult(
        drill,
        after.acknowledged,
        [*healed.lost, *after.lost],
        [*_wrong_at_once(struck), *struck.twice, *healed.wrong, *healed.twice, *after.wrong, *after.twice],
        [*healed.textless, *after.textless],
        _of_siblings(stage, struck),
        [*red, *(f"{key}: is not as promised" for key in sorted(after.damaged - stage.harmed))],
    )


def _wrong_at_once(struck: Verdict) -> list[str]:
    """Return what is wrong whatever is healed: of a crawl whose manifest was destroyed all dangles until it has one."""
    return [fault for fault in struck.wrong if not fault.endswith(DANGLES)]


def _of_siblings(stage: Stage, verdict: Verdict) -> list[str]:
    """Return what lacks of the newspapers that were not struck."""
    hosts = [f"//{name.removeprefix('demo-')}.hemeroteca.test/" for name in stage.siblings]
    return [fault for fault in (*verdict.lost, *verdict.textless) if any(host in fault for host in hosts)]


def write_table(results: Iterable[DrillResult]) -> Iterator[str]:
    """Yield the lines of the table: a row for each drill, with the sums of its tries."""
    by_drill: dict[str, list[DrillResult]] = {}
    for result in results:
        by_drill.setdefault(result.drill, []).append(result)
    if by_drill:
        yield f"| {' | '.join(_COLUMNS)} |"
        yield "|---" * len(_COLUMNS) + "|"
    for drill, tries in by_drill.items():
        sums = [sum(len(getattr(one, name)) for one in tries) for name in ("lost", "wrong", "textless")]
        ends = [_say_ends(tries, name) for name in ("siblings", "next_night")]
        cells = (drill, sum(one.tries for one in tries), sum(one.acknowledged for one in tries), *sums, *ends)
        yield f"| {' | '.join(map(str, cells))} |"


def _say_ends(tries: list[DrillResult], name: str) -> str:
    bad = sum(1 for one in tries if getattr(one, name))
    good = "whole" if name == "siblings" else "green"
    return good if not bad else f"{len(tries) - bad} of {len(tries)} {good}"
