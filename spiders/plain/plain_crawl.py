"""The crawl of one source by a Scrapy spider: each request has a row in the book and follows the archive's rules.

A request goes through these in turn:
    enter     when Scrapy is to schedule it: it is discovered, and refused or put off as one of our articles would be
    admit     when Scrapy is to download it: its host, robots.txt and the budgets
    fetch     in a turn at its host, one exchange, recorded as it crossed the wire; its outcome is the row's end
Scrapy's own parts make redirects and further tries requests of their own, which go the same way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from typing import NoReturn
from weakref import WeakSet

import structlog
from scrapy import Request, Spider
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response

from spiders.crawl.attempt import read_outcome_lines
from spiders.crawl.book import discovery_of
from spiders.crawl.fetch import Fetcher
from spiders.crawl.fetch_result import FetchResult
from spiders.crawl.opened_source import OpenedSource
from spiders.crawl.wanted_articles import find_drawn, has_no_session
from spiders.job import Job
from spiders.manners.turns import NoTurnError
from spiders.plain.error_place import describe_error
from spiders.plain.request_policy import RequestPolicy, find_address, find_book_url
from spiders.policy.scope import KNOWN, OVER_BUDGET, SPIDER, Verdict, read_origin
from storage.captures.exchange import ExchangeFacts
from storage.model.errors import FetchRefused, StorageError
from storage.model.outcome import PENDING, STORED, Outcome
from storage.model.source import ADHOC

log = structlog.get_logger()

RECORD_META = "hemeroteca_record"
"""Key of ``Request.meta`` that has the record id of the response, once there is one."""
BUDGET = "budget"
"""Reason for which a spider closes whose time is over."""
_CLOSED = Verdict("skipped", "closed")
_UNFINISHED = {"finished": Verdict("skipped", "dropped"), BUDGET: OVER_BUDGET}
"""By the reason for which the spider closed, what becomes of requests that were never made."""
_NO_FACTS = ExchangeFacts(kind="article", purpose="article")
_MOST_RETRIES = 10
"""Further tries at a URL that no budget counts."""


class PlainCrawl:
    """One source's crawl by *spider*; *fail* is called with an error after which the source cannot continue."""

    def __init__(self, opened: OpenedSource, spider: Spider, job: Job, fail: Callable[[Exception], None]) -> None:
        self.task = opened.context.task
        self.book = opened.context.book
        self.fail = fail
        self.is_closing = False
        """No further request is wanted of the spider's start."""
        self._opened = opened
        self._policy = RequestPolicy(opened, spider, job)
        self._fetcher = Fetcher(opened.context)
        self._asked: Counter[bool] = Counter()
        """How many pages were asked for: those that it starts with, and the others."""
        self._retries: Counter[str] = Counter()
        self._scheduled: Counter[str] = Counter()
        self._admitted: WeakSet[Request] = WeakSet()

    # its row in the book

    def enter(self, request: Request) -> None:
        """Enter *request*, which may be here already. Raises IgnoreRequest when policy keeps us from it."""
        with self._telling_of_faults():
            self._enter(request)

    def _enter(self, request: Request) -> None:
        url = find_book_url(request)
        if self.book.is_open(url):
            self._scheduled[url] += 1
            return
        if url in self.book:
            self._enter_again(url)
            return
        facts = self._policy.find_facts(request, url)
        if not self.book.discover(url, facts):
            return
        self._scheduled[url] = 1
        if refusal := self._policy.refuse(request, url, facts):
            self._refuse_request(url, refusal.verdict, refusal.detail)

    def _enter_again(self, url: str) -> None:
        """Enter a request for what has ended: a further try, or one that must not be filtered."""
        ended = self.book.find_outcome(url)
        if ended is not None and ended.state in ("refused", "skipped"):
            raise IgnoreRequest(f"{ended.state}: {ended.reason}")
        self._scheduled[url] += 1

    def drop(self, request: Request, verdict: Verdict) -> None:
        """End the row of *request* as *verdict*, unless another request or an exchange has to do with it."""
        url = find_book_url(request)
        with self._telling_of_faults():
            if url not in self.book:
                with suppress(IgnoreRequest):
                    self._enter(request)
            self._scheduled[url] -= 1
            if self.book.is_open(url) and self._scheduled[url] <= 0:
                self.book.refuse(url, verdict)

    def _refuse_request(self, url: str, verdict: Verdict, detail: str | None = None) -> NoReturn:
        if self.book.is_open(url):
            self.book.refuse(url, verdict, detail)
        raise IgnoreRequest(f"{verdict.state}: {verdict.reason}")

    # its exchange

    async def admit(self, request: Request) -> None:
        """Let *request* be fetched. Raises IgnoreRequest when its host, robots.txt or a budget keeps us from it."""
        url = find_book_url(request)
        with self._telling_of_faults():
            if url not in self.book:
                self._enter(request)  # asked for past Scrapy's scheduler
            if verdict := await self._refuse_tonight(request, self._facts(url)):
                self._refuse_request(url, verdict)
        self._admitted.add(request)

    async def _refuse_tonight(self, request: Request, facts: ExchangeFacts) -> Verdict | None:
        if facts.purpose == "robots":
            return None
        if verdict := await self._fetcher.find_host_refusal(find_address(request.url)):
            return verdict
        if self._is_further_try(request):
            return None  # counted the first time
        is_start = facts.via == SPIDER and self.book.is_open(find_book_url(request))
        budget = self.task.source.nightly_budget
        most = budget if is_start else min(budget, self.task.page_budget or budget)
        self._asked[is_start] += 1
        return OVER_BUDGET if self._asked[is_start] > most else None

    def _is_further_try(self, request: Request) -> bool:
        """Say whether *request* repeats one; a spider can write the same into ``meta``, so not for ever."""
        url = find_book_url(request)
        if "retry_times" not in request.meta or self.book.is_open(url):
            return False
        self._retries[url] += 1
        return self._retries[url] <= _MOST_RETRIES

    async def fetch(self, request: Request) -> Response:
        """Make the exchange of *request*, which was admitted, and end its row.

        Raises IgnoreRequest when the host cannot be asked tonight, and for a page that is as it was; as Scrapy's
        downloader does when no response came.
        """
        if request not in self._admitted:
            raise IgnoreRequest("not admitted")
        self._admitted.discard(request)
        url = find_book_url(request)
        facts = self._facts(url)
        with self._telling_of_faults():
            if facts.purpose == "robots":
                return await self._read_rules(request)
            try:
                result = await self._ask(request, url, facts)
            except NoTurnError as error:
                self._refuse_request(url, error.verdict)
            except FetchRefused as error:
                self._refuse_request(url, Verdict("refused", error.reason), str(error))
        return self._respond(request, result)

    @contextmanager
    def _telling_of_faults(self) -> Iterator[None]:
        """Let the source end where its disk or its lease is gone, and the request be dropped."""
        try:
            yield
        except StorageError as error:
            self.fail(error)
            raise IgnoreRequest(str(error)) from error

    async def _ask(self, request: Request, url: str, facts: ExchangeFacts) -> FetchResult:
        is_first = self.book.is_open(url)
        sent = self._sent(request, url, facts)
        facts = await self._fetcher.add_signals(sent.url, facts)
        result = await self._fetcher.ask_once(sent, url, facts)
        if is_first:
            result = await self._fetcher.check(url, facts, result)
            await self._fetcher.note_last(url, facts, result)
        self._fetcher.validators.note(result.outcome)
        if not self.book.is_open(url):
            self.book.reopen(url)
        self.book.end(result.outcome)
        self._scheduled.pop(url, None)
        self._opened.progress.report()
        return result

    def _sent(self, request: Request, url: str, facts: ExchangeFacts) -> Request:
        """Return *request* as it is sent: with validators for an article that the archive has."""
        address, headers = find_address(request.url), request.headers.copy()
        # no request of its own class, which may take and give what it likes
        sent = Request(address, method=request.method, headers=headers, body=request.body, dont_filter=True)
        sent.headers.pop("User-Agent", None)  # the archive says who it is
        sent.headers["Accept-Encoding"] = "gzip"  # what every reader of WARC files can decode
        if request.method == "GET" and facts.purpose == "article" and url not in self._policy.listings:
            known = self._opened.context.known.find(url)
            for name, value in self._fetcher.validators.headers(facts, known).items():
                sent.headers[name] = value
        return sent

    def _respond(self, request: Request, result: FetchResult) -> Response:
        outcome, response = result.outcome, result.response
        request.meta[RECORD_META] = outcome.record_id
        request.meta["download_latency"] = outcome.duration_seconds
        if response is None:
            raise result.error or IgnoreRequest(f"{outcome.state}: {outcome.reason}")
        if outcome.state == "not_modified":
            raise IgnoreRequest("not modified")
        if not result.is_whole:
            response.flags.append("dataloss")
        response.request = request
        return response

    async def _read_rules(self, request: Request) -> Response:
        """Return the robots.txt that was read before, or is read now: a spider may look for sitemaps in it.

        Raises IgnoreRequest where it could not be read.
        """
        address = find_address(request.url)
        body = await self._fetcher.read_robots(address)
        ended = self.book.find_outcome(f"{read_origin(address)}/robots.txt")
        if ended is not None and ended.state not in STORED:
            raise IgnoreRequest(f"{ended.state}: {ended.reason}")
        return Response(request.url, status=200 if body is not None else 404, body=body or b"", request=request)

    def _facts(self, url: str) -> ExchangeFacts:
        if self.book.is_open(url):
            return self.book.facts(url)
        ended = self.book.find_outcome(url)
        if ended is None:
            raise IgnoreRequest("refused: robots")  # an address like robots.txt, which is entered only as that
        return discovery_of(ended)

    # what its callback made of it

    def fail_page(self, request: Request, reason: str, detail: str) -> None:
        """Let the row of *request* say that its page was of no use: *reason* is one of ``model.outcome.FAILED``."""
        url = find_book_url(request)
        ended = self.book.find_outcome(url)
        if ended is not None and ended.state not in ("refused", "skipped"):
            self.book.reopen(url)
            self.book.end(ended.model_copy(update={"detail": detail}), reason)

    def note_failure(self, request: Request, error: BaseException) -> None:
        """Let the row of *request* say that *error*, of a middleware say, kept it from the wire or its callback."""
        url = find_book_url(request)
        ended = self.book.find_outcome(url)
        if isinstance(error, IgnoreRequest) or (ended is not None and ended.state not in STORED):
            return
        if ended is not None:
            self.fail_page(request, "callback_error", describe_error(error))
        elif self.book.is_open(url) or self.book.discover(url, _NO_FACTS):
            self.book.refuse(url, Verdict("failed", "error"), describe_error(error))

    def note_empty(self, request: Request) -> None:
        """Note that nothing came of a listing with which the spider starts; an article need not lead anywhere."""
        ended = self.book.find_outcome(find_book_url(request))
        if ended is None or ended.state == "failed" or ended.purpose == "article":
            return
        if ended.via == SPIDER and self.task.source.id != ADHOC:
            self.fail_page(request, "empty", "its callback yielded neither a request nor an item")

    # the end

    def find_due(self) -> list[tuple[str, str]]:
        """Return what is pending, and articles that are due for another look, which the spider has not asked for.

        Each is with its ``via``.
        """
        known, night = self._opened.context.known, self.task.crawl.night
        pending = [(one.url, PENDING) for one in find_drawn(self.task, known)]
        due = islice(known.find_due(night, self.task.source.looks), self.task.source.nightly_budget)
        found = pending + [(one.url, KNOWN) for one in due if has_no_session(one)]
        return [one for one in found if one[0] not in self.book]

    async def end(self, reason: str) -> None:
        """End the source, whose spider closed for *reason*. Raises StorageError."""
        for outcome in read_outcome_lines(self.task.adopted):
            self._keep_earlier(outcome)
        await self._opened.end(_UNFINISHED.get(reason, _CLOSED))

    def _keep_earlier(self, outcome: Outcome) -> None:
        """Let what an earlier try captured count, unless this one captured it too."""
        ended = self.book.find_outcome(outcome.url)
        if ended is not None and (ended.state in STORED or ended.reason == "callback_error"):
            return
        if ended is not None:
            self.book.reopen(outcome.url)
        self.book.adopt(outcome)
