"""Calls into a spider's code: it can raise errors, but not end or hang the whole process.

SystemExit and KeyboardInterrupt end an event loop, and Scrapy waits for ever for a callback that raised one of them,
GeneratorExit or a CancelledError of its own. Here they become SpiderExitError, which costs a page as any error does.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from scrapy import Request
from scrapy.core.scraper import Scraper
from scrapy.http import Response
from scrapy.utils import signal
from twisted.python.failure import Failure

_apply = signal.robustApply


class SpiderExitError(Exception):
    """A spider's code raised what is no Exception."""


def contain_scraping(scraper: Scraper, note_failure: Callable[[Request, BaseException], None]) -> None:
    """Let what callbacks, errbacks and pipelines raise be errors of their pages and items.

    *note_failure* is called for each request that got no response, before its errback.
    """
    call, process_item = scraper.call_spider_async, scraper.itemproc.process_item_async

    async def call_contained(result: Response | Failure, request: Request) -> Iterable[Any] | AsyncIterator[Any]:
        if isinstance(result, Failure):
            note_failure(request, result.value)
        with contain():
            output = await call(result, request)
        return contain_each(output) if isinstance(output, AsyncIterator) else _contain_each_now(output)

    async def process_contained(item: Any) -> Any:
        with contain():
            return await process_item(item)

    scraper.call_spider_async, scraper.itemproc.process_item_async = call_contained, process_contained


def contain_signals() -> None:
    """Let what receivers of signals raise be errors, which Scrapy logs, in all crawls of this process."""
    signal.robustApply = _call_receiver


def _call_receiver(receiver: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    with contain():
        result = _apply(receiver, *arguments, **named)
    return _contain_coroutine(result) if asyncio.iscoroutine(result) else result


async def _contain_coroutine(coroutine: Coroutine[Any, Any, Any]) -> Any:
    with contain():
        return await coroutine


async def contain_each(output: AsyncIterator[Any]) -> AsyncIterator[Any]:
    """Yield what *output* yields, and raise what it raises as an error."""
    while True:
        with contain():
            try:
                one = await anext(output)
            except StopAsyncIteration:
                return
        yield one


def _contain_each_now(output: Iterable[Any]) -> Iterator[Any]:
    left = iter(output)
    while True:
        with contain():
            try:
                one = next(left)
            except StopIteration:
                return
        yield one


@contextmanager
def contain() -> Iterator[None]:
    """Raise SpiderExitError for what is no Exception; a task that is really cancelled is let go."""
    try:
        yield
    except Exception:
        raise
    except BaseException as error:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            raise
        raise SpiderExitError(repr(error)).with_traceback(error.__traceback__) from error
