"""A process that cleans pages until its input ends.

``python -m hemeroteca.extraction.workers.worker PARENT MEMORY_BYTES [FOLD]``
"""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import signal
import sys
from collections.abc import Callable
from typing import BinaryIO

from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers.messages import Reply, read_request, write_reply
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer once when ready, then each page on stdin; what a library prints goes to stderr."""
    parent, memory_bytes, *folds = (int(argument) for argument in sys.argv[1:])
    fold = folds[0] if folds else None
    _die_with(parent)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from hemeroteca.extraction.article import extract_page, load_models  # the import that is paid once

    load_models()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # trees are freed by count; the collector costs 8 % of a page by default
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    _answer_all(answers, lambda page: extract_page(page, fold))


def _answer_all(answers: BinaryIO, extract: Callable[[Page], CleanText]) -> None:
    write_reply(answers, Reply(reason="ready"))
    while page := read_request(sys.stdin.buffer):
        try:
            answer = Reply(document=extract(page))
        except NoMainTextError as error:
            answer = Reply(reason=error.reason, detail=str(error).removeprefix(error.reason).removeprefix(": "))
        except MemoryError:
            answer = Reply(reason="memory")
        except Exception as error:  # whatever a library does on a hostile page costs that page only
            answer = Reply(reason="error", detail=f"{type(error).__name__}: {error}"[:500])
        write_reply(answers, answer)


def _die_with(parent: int) -> None:
    """Have the kernel kill this process with the thread that started it; end at once when that is gone already."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(1)


if __name__ == "__main__":
    main()
