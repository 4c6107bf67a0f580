"""The worker process: it reads documents from its input until the input ends.

``python -m spiders.parsing.parse_worker PARENT MEMORY_BYTES CPU_SECONDS``
"""

from __future__ import annotations

import gc
import sys

from spiders.discovery.feeds import NotAFeedError
from spiders.parsing.parse_messages import Reply, Request
from spiders.parsing.parsers import PARSERS
from storage.model.errors import ParserLimitError
from storage.worker_process import Frame, begin_work, limit_cpu, read_frame, write_frame

_BODY_BYTES = 20_000_000
"""A body of so many bytes may take twice the time, one of twice as many thrice, and so on."""


def main() -> None:
    memory_bytes, cpu_seconds = int(sys.argv[2]), float(sys.argv[3])
    replies = begin_work(memory_bytes)
    gc.freeze()
    write_frame(replies, Frame(b"{}"))
    while True:
        try:
            frame = read_frame(sys.stdin.buffer)
        except EOFError:
            return
        limit_cpu(cpu_seconds * (1 + len(frame.body) / _BODY_BYTES))
        reply = _read(Request.model_validate_json(frame.head), frame.body)
        write_frame(replies, Frame(reply.model_dump_json().encode()))
        del frame, reply


def _read(request: Request, body: bytes) -> Reply:
    parser = PARSERS[request.parser]
    try:
        found = parser.parse(body, request.url)
        return Reply(found=parser.form.dump_json(found).decode())
    except NotAFeedError as error:
        return Reply(not_a_feed=str(error))
    except ParserLimitError as error:
        return Reply(over=str(error))
    except (MemoryError, RecursionError) as error:
        return Reply(over=type(error).__name__)
    except Exception as error:  # a library may do anything with a hostile document: it costs that one only
        return Reply(error=f"{type(error).__name__}: {error}"[:500])


if __name__ == "__main__":
    main()
