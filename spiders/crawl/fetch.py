"""Fetching one URL: policy, robots.txt, a turn at its host, several tries, redirects. Each URL ends in the book.

A failed connection and a 5xx are tried twice more, and each try is a capture of its own. So are 429 and 503, after the
pause that Retry-After asks for, or one of our own (spiders.manners.backoff). A host that gave no response five times in
a row, or refused us five articles (403, 451, a captcha), is not asked again (``host_blocked``).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any

import structlog
from scrapy import Request

from spiders.crawl.crawl_context import CrawlContext
from spiders.crawl.fetch_result import SILENT, TOO_MUCH, FetchResult
from spiders.crawl.redirect_chain import MAX_REDIRECTS, RedirectChain
from spiders.crawl.robots import FORBIDDEN, Robots
from spiders.crawl.tdmrep import Reservations
from spiders.crawl.validators import Validators
from spiders.manners.backoff import read_retry_after
from spiders.manners.turns import LONGEST_PAUSE_SECONDS, NoTurnError, Visit
from spiders.policy.scope import Verdict, clean_url, is_own_host, make_host_key, postpone, refuse, resolve_redirect
from spiders.wire.handler import NOT_KEPT
from storage.captures.exchange import ExchangeFacts
from storage.model.errors import FetchRefused, StorageError
from storage.model.outcome import RULES
from storage.model.page_facts import Signals

log = structlog.get_logger()

_NOT_DECODED = frozenset({"undecodable", "too_large"})
_TRIES = 3
_BLOCKED_AFTER = 5

ReadBody = Callable[[str, bytes], Awaitable[str | None]]
"""Take the URL and decoded body of a whole 2xx response; return why it is a failure all the same, or None."""


class Fetcher:
    """Fetches for one source."""

    def __init__(self, context: CrawlContext) -> None:
        self._context = context
        self._robots = Robots(context.book, self._fetch_and_keep, context.clock, context.reader)
        self._reservations = Reservations(context.book, self._fetch_and_keep)
        self.validators = Validators(context.task, context.known)
        self._asked = {url for url in map(clean_url, context.task.urls) if url}

    async def fetch(self, url: str, read: ReadBody | None = None) -> None:
        """Fetch *url*, which is open in the book, and what it redirects to.

        Raises only StorageError (FencedError is one): then the source cannot continue.
        """
        chain = RedirectChain()
        next_url: str | None = url
        while next_url is not None:
            next_url = await self._fetch_one(next_url, read, chain)

    async def _fetch_and_keep(self, url: str, keep: Callable[[str, bytes], None]) -> None:
        async def read(address: str, body: bytes) -> None:
            keep(address, body)

        await self.fetch(url, read)

    async def find_sitemaps(self, url: str) -> tuple[str, ...]:
        """Return the sitemaps that the robots.txt of *url*'s origin names."""
        return await self._robots.find_sitemaps(url)

    async def ask_once(self, request: Request, url: str, facts: ExchangeFacts) -> FetchResult:
        """Make one try at *request*, which is a spider's own, in a turn at its host; *url* is its URL in the book.

        Raises NoTurnError when the host must not be asked; FetchRefused; StorageError.
        """
        host = make_host_key(request.url)
        visit = await self._visit(request.url, facts, host)
        sent = request.replace(cls=Request, meta=self._meta(url, facts) | {"keep_body": True})
        async with self._context.turns.turn(visit):
            result = await self._try(sent)
            await self._note(host, result)
        return result

    async def find_host_refusal(self, url: str) -> Verdict | None:
        """Say why its host or robots.txt keeps us from *url*."""
        host = make_host_key(url)
        if self._context.silent[host] >= _BLOCKED_AFTER or self._context.turns.is_over(host):
            return Verdict("skipped", "host_blocked")
        refusal = (await self._robots.fetch_rules(url)).refuse(url)
        return None if refusal == FORBIDDEN and self._context.task.ignore_robots else refusal

    async def add_signals(self, url: str, facts: ExchangeFacts) -> ExchangeFacts:
        """Return *facts* with what robots.txt, and for an article tdmrep.json, say about the use of *url*."""
        signals = Signals() if facts.purpose in RULES else await self._read_signals(url, facts)
        return facts.model_copy(update={"signals": signals})

    async def note_last(self, url: str, facts: ExchangeFacts, result: FetchResult) -> None:
        """Note the last try at *url*: whether its host was silent, and whether it refused an article."""
        host = make_host_key(url)
        self._context.silent[host] = 0 if result.has_response else self._context.silent[host] + 1
        if facts.purpose == "article" and result.is_whole and not result.is_redirect:
            await self._context.turns.note_article(host, result.refuses_us)

    async def read_robots(self, url: str) -> bytes | None:
        """Return the robots.txt of *url*'s origin, fetched the first time; None when there is none."""
        return (await self._robots.find_body(url))[1]

    async def _fetch_one(self, url: str, read: ReadBody | None, chain: RedirectChain) -> str | None:
        book = self._context.book
        try:
            verdict = await self._refuse(url, book.facts(url))
            if verdict is not None:
                book.refuse(url, verdict)
                return None
            facts = book.facts(url)
            result = await self.check(url, facts, await self._ask(url, facts, chain))
            await self._end(url, result, read)
            return self._follow(url, facts, result, chain)
        except NoTurnError as error:
            book.refuse(url, error.verdict)
        except FetchRefused as error:
            book.refuse(url, Verdict("refused", error.reason), str(error))
        except StorageError:
            raise
        except Exception as error:  # one page must not stop the others
            log.exception("page failed", url=url, crawl_id=self._context.task.crawl.id)
            if book.is_open(url):
                book.refuse(url, Verdict("failed", "error"), f"{type(error).__name__}: {error}")
        return None

    async def _refuse(self, url: str, facts: ExchangeFacts) -> Verdict | None:
        """Say why *url* is not fetched. What was checked when it was discovered is not checked again."""
        if len(facts.redirected_from) > MAX_REDIRECTS:
            return Verdict("refused", "redirects")
        if facts.kind == "redirect" and (verdict := self._refuse_target(url, facts)):
            return verdict
        return None if facts.purpose == "robots" else await self.find_host_refusal(url)

    def _refuse_target(self, url: str, facts: ExchangeFacts) -> Verdict | None:
        task, known = self._context.task, self._context.known
        asked = facts.redirected_from[0] in self._asked
        verdict = refuse(task.source, url, facts, asked)
        if verdict is None and facts.purpose == "article" and not asked:
            verdict = postpone(task, url, known.find(url), known.find_pending(url), facts)
        return verdict

    async def _ask(self, url: str, facts: ExchangeFacts, chain: RedirectChain) -> FetchResult:
        host = make_host_key(url)
        facts = await self.add_signals(url, facts)
        result: FetchResult | None = None
        pause = 0.0
        for _ in range(_TRIES):
            try:
                async with self._context.turns.turn(await self._visit(url, facts, host)):
                    result = await self._try(self._request(url, facts, chain))
                    pause = await self._note(host, result)
            except NoTurnError:
                if result is None:
                    raise
                break
            if not result.is_transient or not self._is_worth_waiting(pause):
                break
        assert result is not None
        await self.note_last(url, facts, result)
        return result

    async def check(self, url: str, facts: ExchangeFacts, result: FetchResult) -> FetchResult:
        """Check a 304 by fetching it again without validators; if no whole response comes, it stands."""
        record_id = self.validators.check(result.outcome)
        if record_id is None:
            return result
        try:
            again = await self._ask(url, facts.model_copy(update={"checks": record_id}), RedirectChain())
        except (FetchRefused, NoTurnError):
            return result
        return again if again.is_whole and again.status == HTTPStatus.OK else result

    async def _read_signals(self, url: str, facts: ExchangeFacts) -> Signals:
        rules = (await self._robots.fetch_rules(url)).rules
        reserved = None
        if facts.purpose == "article" and not self._context.task.only_urls:
            reserved = await self._reservations.find(url)
        return Signals(
            content_signal=rules.content_signal,
            tdm_reservation=reserved.reserved if reserved else None,
            tdm_policy=reserved.policy if reserved else None,
        )

    async def _visit(self, url: str, facts: ExchangeFacts, host: str) -> Visit:
        delay = self._context.task.source.delay_seconds
        if facts.purpose != "robots":
            delay = max(delay, (await self._robots.fetch_rules(url)).crawl_delay_seconds)
        keep = is_own_host(self._context.task.source, url)
        return Visit(host=host, holder=self._context.holder, delay_seconds=delay, until=self._context.until, keep=keep)

    async def _try(self, request: Request) -> FetchResult:
        try:
            response = await self._context.download(request)
            return FetchResult(request.meta["outcome"], response)
        except (FetchRefused, StorageError):
            raise
        except Exception as error:
            if "outcome" not in request.meta:
                raise
            log.debug("no response", url=request.url, reason=repr(error))
            return FetchResult(request.meta["outcome"], None, error)

    def _request(self, url: str, facts: ExchangeFacts, chain: RedirectChain) -> Request:
        meta = self._meta(url, facts)
        headers = self.validators.headers(facts, meta["known"])
        request = Request(url, headers=headers, dont_filter=True, meta=meta)
        chain.ask(request)
        return request

    def _meta(self, url: str, facts: ExchangeFacts) -> dict[str, Any]:
        source = self._context.task.source
        return {
            "source_id": source.id,
            "facts": facts,
            "known": self._context.known.find(url),
            "allow_private": source.allow_private,
            "tls": source.tls,
            "keep_body": facts.purpose != "article" or facts.checks is not None,
        }

    async def _note(self, host: str, result: FetchResult) -> float:
        """Note how *host* responded; return for how many seconds it is left alone."""
        turns, seconds = self._context.turns, result.outcome.duration_seconds or 0.0
        if result.outcome.reason in SILENT:
            return await turns.note_silence(host, seconds)
        if result.has_response:
            turns.note_answer(host, seconds, 200 <= result.status < 400)
        if result.status in TOO_MUCH:
            asked = read_retry_after(result.header("Retry-After"), self._context.clock())
            return await turns.back_off(host, asked)
        return 0.0

    def _is_worth_waiting(self, seconds: float) -> bool:
        until = self._context.clock() + timedelta(seconds=seconds)
        return seconds <= LONGEST_PAUSE_SECONDS and until < self._context.until

    async def _end(self, url: str, result: FetchResult, read: ReadBody | None) -> None:
        book, outcome = self._context.book, result.outcome
        self.validators.note(outcome)
        cut_rules = outcome.purpose == "robots" and result.response is not None and result.response.body
        is_readable = result.is_whole or cut_rules  # of cut rules those that came hold
        reason = None
        if read is not None and is_readable and 200 <= result.status < 300 and not result.leads_to:
            reason = await self._read(result, read)
        book.end(outcome, reason)

    def _follow(self, url: str, facts: ExchangeFacts, result: FetchResult, chain: RedirectChain) -> str | None:
        """Return the URL that *url*, which has ended, leads on to, when that is to be fetched."""
        target = resolve_redirect(result.leads_to or "", url)
        if target is None:
            return None
        if result.response is not None:
            chain.note_redirect(result.response)
        if target not in chain:
            return self.enter_target(target, url, facts)
        if chain.may_ask_again(target):
            self._context.book.reopen(target)
            return target
        for one in chain.since(target):
            self._context.book.fail(one, "redirect_loop")
        return None

    async def _read(self, result: FetchResult, read: ReadBody) -> str | None:
        """Return why the body of a 2xx response is a failure, if it is; of a damaged one, what came before counts."""
        url, response = result.outcome.url, result.response
        if response is not None and NOT_KEPT in response.flags:
            return "length"
        is_damaged = response is None or not _NOT_DECODED.isdisjoint(response.flags)
        if is_damaged:
            log.warning("document not decoded", url=url, crawl_id=self._context.task.crawl.id)
        if response is None or (is_damaged and not response.body):
            return "error"
        try:
            return await read(url, response.body)
        except StorageError:
            raise
        except Exception:
            log.exception("document not read", url=url, crawl_id=self._context.task.crawl.id)
            return "error"

    def enter_target(self, target: str, url: str, facts: ExchangeFacts) -> str | None:
        """Enter *target*, to which *url* redirects; return it when it is to be fetched: it is new, or was too old."""
        book, chain = self._context.book, (*facts.redirected_from, url)
        found = facts.model_copy(update={"kind": "redirect", "via": url, "redirected_from": chain})
        if book.discover(target, found):
            return target
        ended = book.find_outcome(target)
        if ended is None or ended.reason != "too_old":
            return None
        book.reopen(target, found)
        return target
