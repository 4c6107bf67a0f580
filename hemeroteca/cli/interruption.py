"""Ctrl-C: what each command says at once when it is interrupted: what stops, what is kept, how to go on."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from hemeroteca.cli.terminal import say_at_once
from hemeroteca.services.interrupts import EndingSignal

_ONLY_READS = "Stopped. This command only reads: nothing has changed."
_WORDS = {
    "up": (
        "Stopping: crawls finish the page they are at, then Airflow and S3 end; this can take a minute. Nothing is "
        "lost: `{name} up` goes on with a night that was under way."
    ),
    "nightly": (
        "Stopping: crawls finish the page they are at, then the servers end; this can take a minute. Nothing that was "
        "captured is lost: `{name} nightly` goes on with the night, and fetches nothing twice."
    ),
    "crawl": (
        "Stopping: the crawl finishes the page it is at; this can take a minute. Nothing that was captured is lost: it "
        "waits in the spool, and a later night archives it. The same command asks for the addresses again."
    ),
    "sources": "Stopping. No card is half written, and what was captured is kept: the same command starts again.",
    "admin rebuild": (
        "Stopping: the rebuild is given up, and the catalog in use stays as it is. Nothing is lost: "
        "`{name} admin rebuild` starts again."
    ),
    "admin reextract": (
        "Stopping. Nothing is lost: what is extracted is kept as drafts, and the documents in use stay. The same "
        "command goes on from there."
    ),
    "admin keep-house": "Stopping: what is removed stays removed. `{name} admin keep-house` goes on with the rest.",
    "extract": (
        "Stopped. Nothing is lost: rows that were printed are whole, and a file given with -o is left as it was. The "
        "same command starts again."
    ),
    "documents": "Stopped. Nothing is lost: a file given with -o is left as it was. The same command starts again.",
}
"""By command, or by the beginning of its name; `{name}` is how the command was called."""
_GROUPS = ("admin", "sources", "demo")
_OLD_SPELLINGS = {"rebuild": "admin rebuild", "reextract": "admin reextract"}
JOINED = "Only this command stops. Airflow goes on with this run: `{name} status` shows what it brings."


@contextmanager
def telling_interruption(words: Callable[[], str]) -> Iterator[None]:
    """Within this context the first Ctrl-C prints *words* at once and raises EndingSignal; a second one ends at once.

    Where Ctrl-C is ignored, as for what a script started with ``&``, it stays so.
    """
    before = signal.getsignal(signal.SIGINT)
    if before == signal.SIG_IGN:
        yield
        return
    was_told = False

    def interrupt(number: int, frame: FrameType | None) -> None:
        nonlocal was_told
        if not was_told:
            was_told = True
            signal.signal(signal.SIGINT, signal.default_int_handler)
            say_at_once(words())
        raise EndingSignal

    signal.signal(signal.SIGINT, interrupt)
    try:
        yield
    finally:
        if not was_told:
            signal.signal(signal.SIGINT, before)


def tell_of_command(command: str | None, arguments: Sequence[str]) -> str:
    """Return what to say when *command* is interrupted, which was called with *arguments*, its own name among them."""
    called = _OLD_SPELLINGS.get(command or "", command or "")
    if called in _GROUPS and called in arguments:
        after = arguments[arguments.index(called) + 1 :]
        called = f"{called} {next((one for one in after if not one.startswith('-')), '')}"
    for name in (called, called.partition(" ")[0]):
        if name in _WORDS:
            return fill(_WORDS[name])
    return _ONLY_READS


def fill(words: str) -> str:
    """Return *words* with how hemeroteca is called for this archive."""
    return words.format(name="hemeroteca --demo" if os.environ.get("HEMEROTECA_DEMO") else "hemeroteca")
