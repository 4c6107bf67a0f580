"""The validators of one source in one crawl: which ones are sent, and which 304 is checked.

The first 304 that a crawl gets for articles, and that of each document that announces them, is fetched again without
validators: a night reads each feed. What that shows (spiders.policy.conditional_requests) holds for the purpose from
then on, in later crawls too, until 30 nights have shown nothing like it.
A document that announced something which is pending is asked for without validators, to be read in any case.
"""

from __future__ import annotations

from http import HTTPStatus

import structlog

from spiders.job import CrawlTask
from spiders.policy.conditional_requests import make_conditions
from storage.captures.exchange import ExchangeFacts
from storage.known import Known, KnownCapture
from storage.model.outcome import Outcome, more_distrust
from storage.model.source import DISCOVERY_TRAITS

log = structlog.get_logger()


class Validators:
    """*known* has what earlier crawls found out about them."""

    def __init__(self, task: CrawlTask, known: Known) -> None:
        self._task = task
        self._known = known
        self._distrust = known.find_distrusted(task.crawl.night)
        self._checked: set[str] = set()

    def headers(self, facts: ExchangeFacts, known: KnownCapture | None) -> dict[str, str]:
        """Return the headers to send; none in a backfill, which reads for other nights what a crawl has read before."""
        if self._task.fresh or self._task.crawl.for_nights or facts.checks:
            return {}
        if facts.purpose in DISCOVERY_TRAITS and known is not None and self._known.has_pending_of(known.url):
            return {}
        return make_conditions(facts.purpose, known, self._distrust.get(facts.purpose))

    def check(self, outcome: Outcome) -> str | None:
        """Return the record id of *outcome* if it is a 304 to check: one for articles, and that of each document once.

        A daytime crawl relies on the check of the night.
        """
        checked = outcome.url if outcome.purpose in DISCOVERY_TRAITS else outcome.purpose
        if outcome.status != HTTPStatus.NOT_MODIFIED or checked in self._checked:
            return None
        known = self._known.find(outcome.url)
        if self._task.crawl.trigger == "daytime" or known is None or known.body_digest is None:
            return None
        self._checked.add(checked)
        return outcome.record_id

    def note(self, outcome: Outcome) -> None:
        """Take note of what a response showed of its source's validators."""
        purpose, distrust = outcome.purpose, outcome.distrust
        if distrust is None:
            return
        before = self._distrust.get(purpose)
        if distrust != before:
            crawl_id = self._task.crawl.id
            log.warning("validators lie", crawl_id=crawl_id, url=outcome.url, purpose=purpose, reason=distrust)
        self._distrust[purpose] = more_distrust(distrust, before)
