"""The policy for a Scrapy spider's request when it is discovered: what it is for, and whether it is made tonight."""

from __future__ import annotations

from typing import NamedTuple

from scrapy import Request, Spider

from spiders.crawl.opened_source import OpenedSource
from spiders.job import Job
from spiders.manners.contact import is_within_contact
from spiders.plain.page_purpose import FOUND_META, Found, Purpose, Purposes
from spiders.policy.scope import KNOWN, REQUEST, Verdict, clean_url, is_own_host, is_web, postpone, refuse
from spiders.policy.traps import Traps
from storage.captures.exchange import ExchangeFacts
from storage.model.outcome import PENDING
from storage.model.source import ADHOC
from storage.request_key import make_request_url


class Refusal(NamedTuple):
    """Why a request is not made, and what exactly is wrong with it."""

    verdict: Verdict
    detail: str | None = None


class RequestPolicy:
    """The policy of one source; ``listings`` has the URLs that are asked for every night."""

    def __init__(self, opened: OpenedSource, spider: Spider, job: Job) -> None:
        self.listings: set[str] = set()
        self._task = opened.context.task
        self._known = opened.context.known
        self._job = job
        self._purposes = Purposes(spider, self._task.source)
        self._traps = Traps()

    def find_facts(self, request: Request, url: str) -> ExchangeFacts:
        """Return how *request*, which is *url* in the book, was found and what it is for."""
        found: Found = request.meta.get(FOUND_META) or Found()
        purpose = self._purposes.find(request, found)
        if purpose.is_listing:
            self.listings.add(url)
        hops = request.meta.get("redirect_urls", [])[found.redirects :]
        return _make_facts(purpose, found, tuple(find_address(hop) for hop in hops))

    def refuse(self, request: Request, url: str, facts: ExchangeFacts) -> Refusal | None:
        """Say why policy forbids *request* or does not want it tonight, if it does."""
        address = find_address(request.url)
        asked = facts.via == REQUEST
        if is_web(address) and facts.purpose != "robots" and not self._is_on_its_hosts(address):
            return Refusal(Verdict("refused", "scope"))
        if verdict := refuse(self._task.source, address, facts, asked):
            return Refusal(verdict)
        if facts.purpose != "article" or asked or url in self.listings:
            return None
        known, pending = self._known.find(url), self._known.find_pending(url)
        if verdict := postpone(self._task, address, known, pending, facts):
            return Refusal(verdict)
        is_old = known or pending or facts.via in (KNOWN, PENDING)
        detail = None if is_old else self._traps.refuse(address)
        return Refusal(Verdict("refused", "trap"), detail) if detail else None

    def _is_on_its_hosts(self, address: str) -> bool:
        if self._task.source.id == ADHOC:
            return is_within_contact(self._job, self._task, address)
        return is_own_host(self._task.source, address)


def find_address(url: str) -> str:
    """Return *url* as it is asked for."""
    return clean_url(url) or url


def find_book_url(request: Request) -> str:
    """Return the URL of *request* in the book: of another method than GET with method and body."""
    media_type = request.headers.get(b"Content-Type")
    label = media_type.decode("latin-1") if media_type else None
    return make_request_url(find_address(request.url), request.method, label, request.body)


def _make_facts(purpose: Purpose, found: Found, chain: tuple[str, ...]) -> ExchangeFacts:
    kind, via = ("redirect", chain[-1]) if chain else (purpose.kind, found.via)
    return ExchangeFacts(kind=kind, purpose=purpose.kind, via=via, redirected_from=chain)
