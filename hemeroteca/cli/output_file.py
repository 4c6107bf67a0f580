"""Where a command writes: stdout, or a file that replaces an earlier one only when it is whole."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from storage.files import open_replacement
from storage.model.errors import SeedError, disk_error


@contextmanager
def open_output(output: Path | None) -> Iterator[Callable[[str], None]]:
    """Give a function that writes to *output*, as ``open_output_bytes`` does, or to stdout."""
    if output is None:
        with _writing(sys.stdout, "stdout") as write:
            yield write
        return
    with open_output_bytes(output) as file:
        text = TextIOWrapper(file, encoding="utf-8")
        with _writing(text, str(output)) as write:
            yield write
        text.detach()  # what it wrapped is closed by whoever opened it


@contextmanager
def open_output_bytes(output: Path) -> Iterator[BinaryIO]:
    """Give a file that becomes *output*.

    It is written beside it under another name, which it gets at the end; without that end it is removed. Raises
    SeedError when it cannot be made, StorageError when its disk takes no more.
    """
    with ExitStack() as stack:
        try:
            file = stack.enter_context(_open(output))
        except OSError as error:
            raise SeedError(f"{output}: {error.strerror}") from error
        yield file
        with _disk_errors(str(output)):
            stack.close()


@contextmanager
def _open(output: Path) -> Iterator[BinaryIO]:
    if output.exists() and not output.is_file():  # a pipe or a device is written to as it is
        file = output.open("wb")
        yield file
        file.close()
        return
    mode = output.stat().st_mode if output.exists() else 0o666 & ~_read_umask()
    with open_replacement(output.resolve(), stat.S_IMODE(mode)) as raw:
        yield raw


def _read_umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


@contextmanager
def _writing(file: TextIO, name: str) -> Iterator[Callable[[str], None]]:
    def write(text: str) -> None:
        with _disk_errors(name):
            file.write(text)

    yield write
    with _disk_errors(name):
        file.flush()


@contextmanager
def _disk_errors(name: str) -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:  # its reader has enough: no error
        raise
    except OSError as error:
        raise disk_error(name, error) from error
