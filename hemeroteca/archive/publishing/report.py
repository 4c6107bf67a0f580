"""The verdict on a run: which sources failed, whether every sum matches, and whether everything promised is there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import structlog

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawl_trouble import read_trouble
from hemeroteca.archive.crawling.plan import RunRef, read_outline
from hemeroteca.archive.faults import tell_unfinished, tell_unread
from hemeroteca.archive.lacking import find_published
from hemeroteca.archive.publishing.tables import are_rows_noted, find_tables_state
from hemeroteca.archive.reading.reasons import tell_reason
from hemeroteca.archive.unhealed import TABLES, note_faults
from hemeroteca.archive.verdicts import note_verdict, tell_next
from hemeroteca.archive.watching.crawl_causes import note_cause
from hemeroteca.archive.watching.starvation import tell_starvation
from spiders.policy.scope import SPIDER
from storage import keys
from storage.captures.index import INDEX_SCHEMA
from storage.documents import DOCUMENT
from storage.kept import KeptCleaning, choose_current, find_replaced
from storage.ledger import LEDGERS
from storage.model.crawl import Manifest, source_of
from storage.model.errors import FixityError, HemerotecaError, RunFailedError
from storage.model.night import Night
from storage.model.outcome import STORED, Outcome
from storage.model.source import DISCOVERY_TRAITS
from storage.night_listing import list_night
from storage.night_tables import list_night_parts

log = structlog.get_logger()

NOT_MODIFIED = 304


def judge_run(archive: Archive, run: RunRef) -> None:
    """Raise RunFailedError, in one line, when a source of *run* failed, its sums do not match, or something is missing.

    Crawls that the run found committed are judged as well. What a later run may heal is noted.
    """
    plan = read_outline(archive, run)
    only_urls = {planned.crawl.id: planned.only_urls for planned in plan.crawls}
    judge = NightJudge(archive, plan.night)
    wrong: list[str] = []
    for crawl_id in plan.crawl_ids():
        is_whole = not only_urls.get(crawl_id, False)
        wrong += judge.find_faults(crawl_id, not is_whole)
        if is_whole:
            judge.note_cause(crawl_id)
    if plan.crawl_ids():
        wrong += judge.find_faults_of_tables(are_rows_noted(archive, run.key, judge.listed, plan.crawl_ids()))
    judge.log_missed()
    if wrong:
        why = "; ".join(wrong)
        log.info("run is red", reason=why, next=tell_next(why, plan.night))
        raise RunFailedError(why)


class NightJudge:
    """Judges crawls of one night. What is wrong with one never keeps the others from being judged."""

    def __init__(self, archive: Archive, night: Night) -> None:
        self._archive = archive
        self._night = night
        self.listed = list_night(archive.store, night)
        self._published = find_published(archive, night)
        self._tables = find_tables_state(archive, self.listed, list_night_parts(archive.store, night))
        self._outcomes: dict[str, list[Outcome]] = {}
        self._missed: Counter[tuple[str, str]] = Counter()

    def find_faults(self, crawl_id: str, only_urls: bool) -> list[str]:
        """Return what is wrong with a crawl, each in a line that names its source."""
        account = _tell(lambda: self._find_faults_of_account(crawl_id, only_urls))
        note_verdict(self._archive, self._night, crawl_id, account)
        lacking = self.find_lacking(crawl_id, bool(account))
        return [f"{source_of(crawl_id)}: {fault}" for fault in (*account, *lacking)]

    def note_cause(self, crawl_id: str) -> None:
        """Note what is probably wrong with the newspaper of a crawl that is committed and can be read."""
        try:
            key = self._find_manifest(crawl_id)
            manifest = self._archive.holdings.read_manifest(key)
            cleanings = self._read_cleanings(self.listed.cleanings_of(key))
            note_cause(self._archive, manifest, self._read_outcomes(manifest), cleanings)
        except HemerotecaError as error:  # which is among the faults, where it is one
            log.warning("cause not found", crawl_id=crawl_id, reason=str(error))

    def log_missed(self) -> None:
        """Log what the crawls did not capture, a line for each reason, in the words of ``hemeroteca failures``."""
        for (state, reason), urls in self._missed.most_common():
            told = tell_reason(reason)
            log.info("not captured", state=state, reason=reason, urls=urls, meaning=told.meaning, advice=told.advice)

    def find_lacking(self, crawl_id: str, is_explained: bool = False) -> list[str]:
        """Return what a crawl lacks, and note it for later runs, which may heal it.

        That it is not published, or not in the tables, is told only when nothing else explains it.
        """
        lacking = _tell(lambda: self._find_faults_of_texts(crawl_id))
        if not lacking and not is_explained:
            lacking = _tell(lambda: self._find_unpublished(crawl_id)) or _tell(lambda: self._find_left_out(crawl_id))
        note_faults(self._archive, self._night, crawl_id, (f"{source_of(crawl_id)}: {one}" for one in lacking))
        return lacking

    @property
    def are_tables_whole(self) -> bool:
        """The night's tables have the rows of every manifest."""
        return self._tables.are_whole

    def find_faults_of_tables(self, have_rows: bool = False) -> list[str]:
        """Return what is wrong with the night's tables, and note it.

        *have_rows*: they have those of the crawls that are judged; what others have committed since is not their fault.
        """
        is_fine = self._tables.are_current or (self._tables.are_written and have_rows)
        faults = [] if is_fine else [f"the tables of {self._night} are not up to date"]
        note_faults(self._archive, self._night, TABLES, faults)
        return faults

    def _find_faults_of_account(self, crawl_id: str, only_urls: bool) -> Iterator[str]:
        key = self._find_manifest(crawl_id)
        if key not in self.listed.manifests_of(crawl_id):
            yield tell_unfinished(read_trouble(self._archive, crawl_id))
            return
        manifest = self._archive.holdings.read_manifest(key)
        if manifest.given_up:
            log.warning(
                "articles given up", crawl_id=crawl_id, articles=manifest.given_up, still_pending=manifest.left_pending
            )
        for count in manifest.counts:
            if count.state not in STORED:
                self._missed[count.state, count.reason or ""] += count.urls
        counted = sum(count.urls for count in manifest.counts)
        if counted != manifest.discovered:
            yield f"{manifest.discovered} URLs discovered, {counted} accounted for"
        elif not only_urls:
            yield from self._find_faults_of_discovery(manifest)

    def _find_faults_of_discovery(self, manifest: Manifest) -> Iterator[str]:
        outcomes = self._read_outcomes(manifest)
        if (unread := find_unread(outcomes)) is not None:
            yield tell_unread(unread)
        elif not manifest.crawl.for_nights and (starvation := tell_starvation(manifest.source, outcomes)):
            yield starvation

    def _read_outcomes(self, manifest: Manifest) -> list[Outcome]:
        """Return the rows of a crawl; those of the last one that was asked for are kept."""
        crawl_id = manifest.crawl.id
        if crawl_id not in self._outcomes:
            holdings = self._archive.holdings
            ledgers = holdings.find_objects(manifest, *LEDGERS)
            self._outcomes = {crawl_id: [outcome for stored in ledgers for outcome in holdings.read_outcomes(stored)]}
        return self._outcomes[crawl_id]

    def _find_manifest(self, crawl_id: str) -> str:
        return f"{keys.CRAWL_MANIFESTS}{keys.day(self._night)}/{crawl_id}.json"

    def _find_faults_of_texts(self, crawl_id: str) -> Iterator[str]:
        holdings = self._archive.holdings
        for key in self.listed.manifests_of(crawl_id):
            cleanings = self._read_cleanings(self.listed.cleanings_of(key))
            if not cleanings and has_articles(holdings.read_manifest(key)):
                yield self._explain("its crawl is committed but not cleaned", key)
            for current in choose_current(cleanings):
                if current.lost:
                    lost = f"{len(current.lost):,} of its pages are not cleaned, because their records are damaged"
                    yield f"{lost}: {current.first.key}"

    def _read_cleanings(self, texts: list[str]) -> list[KeptCleaning]:
        """Return the cleanings at *texts*. Raises FixityError for a damaged one in whose place no other is."""
        holdings = self._archive.holdings
        found = [KeptCleaning(key, manifest) for key in texts if (manifest := holdings.find_text_manifest(key))]
        for damaged in sorted(set(texts) - {one.key for one in found} - find_replaced(found)):
            holdings.read_text_manifest(damaged)
        return found

    def _find_unpublished(self, crawl_id: str) -> Iterator[str]:
        for key in self.listed.keys_of(crawl_id):
            if key not in self._published:
                what = "cleaning" if key.startswith(keys.TEXT_MANIFESTS) else "crawl"
                yield self._explain(f"its {what} is committed but not published", key)

    def _find_left_out(self, crawl_id: str) -> Iterator[str]:
        for key in self.listed.keys_of(crawl_id):
            if key in self._tables.left_out:
                yield self._explain(f"its rows are not in the tables of {self._night}", key)

    def _explain(self, fault: str, key: str) -> str:
        """Return *fault*, with the object of the manifest at *key* that is damaged, if one is."""
        try:
            self._read_objects(key)
        except FixityError as error:
            return f"{fault}: {error}"
        return fault

    def _read_objects(self, key: str) -> None:
        holdings = self._archive.holdings
        if key.startswith(keys.TEXT_MANIFESTS):
            for stored in holdings.find_objects(holdings.read_text_manifest(key), DOCUMENT):
                holdings.read_rows(stored)
            return
        for stored in holdings.find_objects(holdings.read_manifest(key), INDEX_SCHEMA):
            holdings.read_captures(stored)
        for stored in holdings.find_objects(holdings.read_manifest(key), *LEDGERS):
            holdings.read_rows(stored)


def _tell(find_faults: Callable[[], Iterator[str]]) -> list[str]:
    """Return the faults that are found; what stops the search is one itself."""
    found: list[str] = []
    try:
        found.extend(find_faults())
    except HemerotecaError as error:
        found.append(str(error))
    return found


def has_articles(manifest: Manifest) -> bool:
    """Say whether there may be something to clean; a late manifest beside another counts nothing."""
    return manifest.late or any((one.purpose, one.state) == ("article", "captured") for one in manifest.counts)


def find_unread(outcomes: Sequence[Outcome]) -> list[Outcome] | None:
    """Return what kept a crawl from its feeds, sitemaps, sections and the pages that its spider starts with, robots.txt
    first; None when one of them was read. One that only leads on to another was not.
    """
    leading = [one for one in outcomes if one.purpose in DISCOVERY_TRAITS or one.via == SPIDER]
    for one in leading:
        is_page = one.status == NOT_MODIFIED or not (300 <= (one.status or 0) < 400 or one.refresh)
        if one.state in STORED and is_page:
            return None
    rules = [one for one in outcomes if one.purpose == "robots" and one.state == "failed"]
    return [*rules, *(one for one in leading if one.state not in STORED)]
