"""``python -m spiders.run JOB.json``: one crawl process.

JOB.json is a spiders.job.Job; the environment's HEMEROTECA_COORDINATION is the address of the coordination database
(none: no leases). Progress goes to stdout (spiders.crawl.progress_lines), logs to stderr.

Exit status: 0 all sources ended; 1 a source failed; 2 the job cannot be run; 3 stopped by a signal; 4 stopped because
the disk of the spool is full.
Any number of SIGTERM, SIGINT and SIGHUP mean one graceful stop. If that takes longer than ``stop_grace_seconds``, the
process exits at once with 75, and leaves ``.open`` files to be mended. One whose loop uses too much CPU time for a turn
is ended by SIGPROF (spiders.loop_watch).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import structlog
from pydantic import ValidationError

from spiders.job import DISK_FULL, REFUSED, Job
from spiders.loop_watch import LoopWatch, name_turn_file
from storage.model.errors import HemerotecaError, SeedError

if TYPE_CHECKING:
    from scrapy import Spider
    from scrapy.settings import Settings

    from spiders.newspaper import Newspaper

log = structlog.get_logger()

STOPPED, FAILED, GRACE_OVER = 3, 1, 75
_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_LOUD = ("charset_normalizer", "asyncio", "twisted")


class Stop:
    """One graceful stop, however often it is asked for."""

    def __init__(self) -> None:
        self.asked = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: Callable[[], None] | None = None
        self._grace_seconds = 0.0

    def listen(self) -> None:
        for number in _SIGNALS:
            signal.signal(number, self._on_signal)

    def watch(self, end: Callable[[], None], loop: asyncio.AbstractEventLoop, grace_seconds: float) -> None:
        """Have *end* called in *loop* once a stop is asked for."""
        self._end, self._loop, self._grace_seconds = end, loop, grace_seconds
        if self.asked:
            self._begin()

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if not self.asked:
            self.asked = True
            self._begin()

    def _begin(self) -> None:
        if self._loop is None:
            return
        self._loop.call_soon_threadsafe(self._stop_spider)
        _exit_after(self._grace_seconds, GRACE_OVER)

    def _stop_spider(self) -> None:
        log.info("crawl process stops")
        if self._end is not None:
            self._end()


def main(arguments: list[str]) -> int:
    stop = Stop()
    stop.listen()
    _log_to_stderr()
    if len(arguments) != 1:
        print("usage: python -m spiders.run JOB.json", file=sys.stderr)
        return REFUSED
    try:
        job_file = Path(arguments[0])
        job = _read_job(job_file)
        return _run(job, stop, LoopWatch(name_turn_file(job_file), job.limits.stall_seconds))
    except SeedError as error:
        print(error, file=sys.stderr)
        return REFUSED
    except HemerotecaError as error:
        log.error("crawl process failed", reason=str(error))
        return FAILED


def _read_job(path: Path) -> Job:
    try:
        return Job.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise SeedError(f"{path}: job: {error}") from None


def _run(job: Job, stop: Stop, watch: LoopWatch) -> int:
    from spiders.newspaper import Newspaper

    with _telling_tasks(job):
        spider_class = _find_spider(job)
    _open_many_files()
    if issubclass(spider_class, Newspaper):
        return _run_newspaper(job, spider_class, stop, watch)
    return _run_plain(job, spider_class, stop, watch)


@contextmanager
def _telling_tasks(job: Job) -> Iterator[None]:
    """Report each task as failed when the job cannot be run."""
    from spiders.crawl.book import Book
    from spiders.crawl.progress_lines import Progress

    try:
        yield
    except SeedError as error:
        for task in job.tasks:
            reason = str(error).removeprefix(f"{task.source.id}: ")
            Progress(task.crawl, Book(task.crawl, task.directory)).end("failed", reason)
        raise


def _find_spider(job: Job) -> type[Spider]:
    """Return the spider of *job*. Raises SeedError when it may not be run."""
    from spiders.manners.contact import require_contact
    from spiders.newspaper import Newspaper
    from spiders.plain.allowed_settings import check_settings
    from spiders.plain.spider_class import find_spider_class

    require_contact(job)
    names = {task.source.spider for task in job.tasks}
    if len(names) != 1:
        raise SeedError(f"job: tasks: {len(names)} spiders in one job")
    spider_class = find_spider_class(job.tasks[0].source)
    if not issubclass(spider_class, Newspaper):
        check_settings(spider_class, job.tasks[0].source.id)
    return spider_class


def _run_newspaper(job: Job, spider_class: type[Newspaper], stop: Stop, watch: LoopWatch) -> int:
    from scrapy.crawler import AsyncCrawlerProcess

    process = AsyncCrawlerProcess(_settings(job, _NOT_USED | {"LOG_LEVEL": "WARNING"}))
    crawler = process.create_crawler(spider_class)
    task = process.crawl(crawler, job=job, make_turn=watch.make_turn)
    watch.start(task.get_loop())
    # the spider exists before the loop runs this
    stop.watch(lambda: crawler.spider.stop(), task.get_loop(), job.stop_grace_seconds)
    gc.freeze()  # loaded modules stay
    gc.set_threshold(20_000)  # most of what a page leaves behind is freed by then
    process.start(install_signal_handlers=False)
    if error := task.exception():
        raise error
    if crawler.spider.all_begun and crawler.spider.ended == crawler.spider.begun:
        return 0
    if crawler.spider.disk_full:
        return DISK_FULL
    return STOPPED if stop.asked else FAILED


def _run_plain(job: Job, spider_class: type[Spider], stop: Stop, watch: LoopWatch) -> int:
    from spiders.plain.process import PlainProcess, run_reactor

    settings = _settings(job, {"LOG_LEVEL": "INFO"})
    process = PlainProcess(job, spider_class, settings, watch.make_turn)

    async def crawl() -> None:
        stop.watch(process.stop, asyncio.get_running_loop(), job.stop_grace_seconds)
        watch.start(asyncio.get_running_loop())
        await process.run()
        _exit_after(job.stop_grace_seconds, find_status())

    def find_status() -> int:
        if process.all_ended:
            return 0
        if process.disk_full:
            return DISK_FULL
        return STOPPED if stop.asked else FAILED

    with redirect_stdout(sys.stderr):  # what a spider prints belongs in the log: stdout has the progress alone
        run_reactor(crawl(), settings)
    return find_status()


def _exit_after(seconds: float, status: int) -> None:
    """Exit with *status* in so many *seconds*, should threads that a spider began keep the process from its end."""
    deadline = threading.Timer(seconds, os._exit, (status,))
    deadline.daemon = True
    deadline.start()


def _open_many_files() -> None:
    """Raise the limit of open files: a shard has hundreds of sources, and each has five open."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


_NOT_USED: dict[str, object] = {
    # `newspaper` uses none of these, and loading them takes as long as a hundred pages
    "SPIDER_MODULES": [],
    "ADDONS": {},
    "EXTENSIONS_BASE": {},
    "DOWNLOADER_MIDDLEWARES_BASE": {},
    "SPIDER_MIDDLEWARES_BASE": {},
}


def _settings(job: Job, more: dict[str, object]) -> Settings:
    from scrapy.settings import Settings

    import spiders.settings as defaults

    settings = Settings()
    settings.setmodule(defaults, priority="project")
    of_job = {
        "USER_AGENT": defaults.user_agent(job.software_version, job.contact),
        "DOWNLOAD_MAXSIZE": job.limits.max_body_bytes,
        "CAPTURE_CONNECT_TO": list(job.connect_to),
        "CAPTURE_CA_FILE": str(job.ca_file) if job.ca_file else None,
        "STATS_DUMP": False,
    }
    settings.setdict(of_job | more, priority="cmdline")
    return settings


def _log_to_stderr() -> None:
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.WARNING)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
