"""CPU seconds of this process and its children, measured in turns: other work on the machine slows all alike."""

from __future__ import annotations

import resource
from collections.abc import Callable, Sequence
from statistics import median


def measure_in_turns(rounds: int, works: Sequence[Callable[[], object]]) -> list[float]:
    """Return the median of the CPU seconds that each of *works* takes; each round runs all, one after another."""
    found = [[count_cpu_seconds(work) for work in works] for _ in range(rounds)]
    return [median(of_one) for of_one in zip(*found, strict=True)]


def count_cpu_seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds that *work* takes, with those of each process that it starts and waits for."""
    before = _used()
    work()
    return _used() - before


def _used() -> float:
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)
