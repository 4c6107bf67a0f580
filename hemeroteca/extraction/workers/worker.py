"""The worker process: it cleans the pages on its input until this ends.

``python -m hemeroteca.extraction.workers.worker PARENT MEMORY_BYTES [FOLD]``
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable
from typing import BinaryIO

from hemeroteca.extraction.workers.messages import Reply, Request, read_request, write_reply
from storage.model.errors import NoMainTextError
from storage.worker_process import begin_work


def main() -> None:
    """Reply once when ready, then to each page on stdin. What a library prints goes to stderr."""
    memory_bytes, *folds = (int(argument) for argument in sys.argv[2:])
    fold = folds[0] if folds else None
    replies = begin_work(memory_bytes)
    from hemeroteca.extraction.article import (
        explain_page,
        extract_page,
        load_models,
    )  # this import takes long: once per process

    load_models()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)  # trees need no collector, which costs 8 % of a page's time by default

    def answer(request: Request) -> Reply:
        if request.is_explained:
            return Reply(explanation=explain_page(request.page, fold))
        return Reply(document=extract_page(request.page, fold))

    _reply_to_all(replies, answer)


def _reply_to_all(replies: BinaryIO, answer: Callable[[Request], Reply]) -> None:
    write_reply(replies, Reply(reason="ready"))
    while request := read_request(sys.stdin.buffer):
        try:
            reply = answer(request)
        except NoMainTextError as error:
            reply = Reply(reason=error.reason, detail=str(error).removeprefix(error.reason).removeprefix(": "))
        except MemoryError:
            reply = Reply(reason="memory")
        except Exception as error:  # a library may do anything on a hostile page: it costs that page only
            reply = Reply(reason="error", detail=f"{type(error).__name__}: {error}"[:500])
        write_reply(replies, reply)


if __name__ == "__main__":
    main()
