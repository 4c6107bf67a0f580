"""Where the answers of a command go: stdout, or a file that takes the place of an earlier one only when it is whole."""

from __future__ import annotations

import secrets
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from storage.model.errors import SeedError, disk_error


@contextmanager
def written(output: Path | None) -> Iterator[Callable[[str], None]]:
    """Give what writes to *output*, or to stdout.

    A file is written beside it under another name, which it gets at the end; without that end it is removed. Raises
    SeedError when it cannot be made, StorageError when its disk takes no more.
    """
    if output is None:
        with _writing(sys.stdout, "stdout") as write:
            yield write
        return
    place = output.resolve()
    is_file = output.is_file() or not output.exists()  # a pipe or a device is written to as it is
    beside = place.with_name(f".{secrets.token_hex(8)}.part") if is_file else output
    try:
        file = beside.open("x" if is_file else "w", encoding="utf-8")
    except OSError as error:
        raise SeedError(f"{output}: {error.strerror}") from error
    try:
        with _writing(file, str(output)) as write:
            yield write
        file.close()
        if is_file:
            if place.exists():
                shutil.copymode(place, beside)
            beside.replace(place)
    except BaseException:
        if is_file:
            beside.unlink(missing_ok=True)
        raise


@contextmanager
def _writing(file: TextIO, name: str) -> Iterator[Callable[[str], None]]:
    def write(text: str) -> None:
        with _told(name):
            file.write(text)

    yield write
    with _told(name):
        file.flush()


@contextmanager
def _told(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # its reader has enough: no error
        raise
    except OSError as error:
        raise disk_error(name, error) from error
