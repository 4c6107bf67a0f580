"""A process that cleans pages until its input ends: ``python -m hemeroteca.extraction.worker``, used by workers.py."""

from __future__ import annotations

import ctypes
import os
import resource
import signal
import sys

MEMORY_BYTES = 2 * 1024**3

_PR_SET_PDEATHSIG = 1


def main() -> None:
    """Answer each page on stdin with one line on stdout; what a library prints goes to stderr."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)
    from hemeroteca.extraction.article import extract_payload
    from hemeroteca.extraction.frames import Answer, read_page
    from storage.model.errors import NoMainTextError

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    while asked := read_page(sys.stdin.buffer):
        page, body = asked
        try:
            answer = Answer(document=extract_payload(body, page.content_type, page.url))
        except NoMainTextError as error:
            answer = Answer(reason=error.reason, detail=str(error))
        except MemoryError:
            answer = Answer(reason="memory", detail=f"more than {MEMORY_BYTES} bytes")
        except RecursionError as error:
            answer = Answer(reason="no_main_text", detail=str(error))
        answers.write(f"{answer.model_dump_json()}\n")


if __name__ == "__main__":
    main()
