"""The signals that end a command: the first one interrupts its work; later ones do not interrupt its clean-up."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class EndingSignal(KeyboardInterrupt):
    """The command was asked to end.

    A class of its own: CPython remembers a bare KeyboardInterrupt that passes through ``eval``, as in an import, and
    ends the process by SIGINT though it was caught.
    """


@contextmanager
def catch_ending_signals() -> Iterator[Callable[[], None]]:
    """Raise EndingSignal at the first ending signal, and give a function after which all of them are ignored.

    Call that function before the servers are stopped. What Ctrl-C did before, such as to say what stops, it does
    first. Only for the main thread.
    """
    before = {number: signal.getsignal(number) for number in _ENDING}

    def ignore() -> None:
        for number in _ENDING:
            signal.signal(number, signal.SIG_IGN)

    def interrupt(number: int, frame: FrameType | None) -> None:
        told = before[signal.SIGINT] if number == signal.SIGINT else None
        try:
            if callable(told) and told is not signal.default_int_handler:
                told(number, frame)
        finally:
            ignore()
        raise EndingSignal

    try:
        for number in _ENDING:
            signal.signal(number, interrupt)
        yield ignore
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
