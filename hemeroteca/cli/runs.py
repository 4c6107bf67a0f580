"""Runs from beginning to end, in Airflow or in this process: which crawls they made, and why they are red."""

from __future__ import annotations

import secrets
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, NamedTuple

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.plan import RunRef, read_outline
from hemeroteca.archive.crawling.planners import plan_survey
from hemeroteca.archive.crawling.run_progress import SourceProgress, find_disk_shortage, read_progress
from hemeroteca.archive.publishing.healing import read_healed
from hemeroteca.archive.reading.asked_urls import UrlAnswer, read_answers
from hemeroteca.cli.interruption import JOINED, fill, telling_interruption
from hemeroteca.cli.opened_archive import NO_CONTACT, open_with_store
from hemeroteca.cli.progress_display import Progress, show_progress
from hemeroteca.cli.terminal import say, tell
from hemeroteca.configuration import Settings
from hemeroteca.services.airflow_client import DONE
from hemeroteca.services.preflight import check_store
from hemeroteca.services.run_watch import note_sums
from hemeroteca.services.stack import Stack, is_up, read_holder, use_nightly_stack
from storage.catalog import CrawlRow
from storage.model.errors import RunFailedError, SeedError, ServiceError
from storage.model.night import Night

if TYPE_CHECKING:
    from hemeroteca.archive.sources.survey_findings import SurveyFindings
    from hemeroteca.services.airflow_client import AirflowClient, DagRun
    from storage.model.source import Source


class RunResult(NamedTuple):
    """The crawls of a run, why it is red, what it healed of earlier ones, and what became of the addresses named."""

    crawls: list[CrawlRow]
    why: str | None
    healed: str | None = None
    answers: Sequence[UrlAnswer] = ()


_POLL_SECONDS = 1.0


def run_nightly(settings: Settings, night: Night, fresh: bool) -> RunResult:
    """Let Airflow crawl *night*; its servers are started for this run where none are up."""
    return _run_dag(settings, "nightly_crawl", {"fresh": fresh}, night)


def run_request(settings: Settings, request: dict[str, object]) -> RunResult:
    """Crawl what *request* names: in the Airflow of a running ``up``, else in this process, with the same leases."""
    if is_up(settings):
        return _run_dag(settings, "crawl_on_demand", request, None)
    _check_settings(settings)
    run = RunRef(dag_id="in-process", run_id=secrets.token_hex(8))
    for name, reason in _disk_shortage(settings):
        say(f"{name}: {reason}", file=sys.stderr)
    with serving_demo(settings) as reachable, open_with_store(reachable) as archive:
        shards = tasks.plan_request(archive, run, request)
        with _showing_progress(archive, run):
            why = _failure(lambda: tasks.take_steps(archive, run, shards))
        return _make_result(archive, run, why, request)


def run_survey(settings: Settings, source: Source, ignore_robots: bool) -> SurveyFindings:
    """Look at the newspaper of *source* in this process, and return what was found. Raises SeedError."""
    from hemeroteca.archive.sources.survey_findings import read_findings

    _check_settings(settings)
    run = RunRef(dag_id="in-process", run_id=secrets.token_hex(8))
    with serving_demo(settings) as reachable, open_with_store(reachable) as archive:
        shards = plan_survey(archive, run, source, ignore_robots)
        with _showing_progress(archive, run):
            _failure(lambda: tasks.take_steps(archive, run, shards))  # read_findings says what is missing
        (crawl_id,) = read_outline(archive, run).crawl_ids()
        return read_findings(archive, source, crawl_id)


def find_run_crawls(archive: Archive, run: RunRef) -> list[CrawlRow]:
    """Return the crawls of *run* from the catalog, with those that were there before it."""
    plan = read_outline(archive, run)
    wanted = set(plan.crawl_ids())
    return [crawl for crawl in archive.catalog.find_crawls(plan.night) if crawl.crawl_id in wanted]


def _run_dag(settings: Settings, dag_id: str, conf: dict[str, object], night: Night | None) -> RunResult:
    _check_settings(settings)
    tell("Starting the servers…" if not read_holder(settings) else "Using the running servers.", file=sys.stderr)
    run = RunRef(dag_id=dag_id, run_id=f"command-{secrets.token_hex(4)}")
    with use_nightly_stack(settings) as stack, Archive(settings) as archive:
        stack.client.trigger_run(dag_id, run.run_id, conf, partition_key=str(night) if night else None)
        try:
            with nullcontext() if stack.own else telling_interruption(lambda: fill(JOINED)):
                ended = _wait_for_end(stack, archive, run)
        except ServiceError:
            say("A server has ended by itself…", file=sys.stderr)  # stopping the others takes a while
            raise
        if stack.own:  # else `up` does so
            note_sums(settings, stack.client, dag_id, run.run_id)
        try:
            read_outline(archive, run)
        except SeedError:  # it ended before it had a plan
            return RunResult([], _find_failed_task(stack.client, ended))
        why = _failure(lambda: tasks.judge_run(archive, run))
        if why is None and ended.state == "failed":
            why = _find_failed_task(stack.client, ended)
        return _make_result(archive, run, why, conf)


def _make_result(archive: Archive, run: RunRef, why: str | None, request: dict[str, object]) -> RunResult:
    crawls = find_run_crawls(archive, run)
    urls = request.get("urls")
    answers = read_answers(archive, crawls, urls) if isinstance(urls, list) else []
    return RunResult(crawls, why, read_healed(archive, run), answers)


def _check_settings(settings: Settings) -> None:
    """Raise SeedError before anything starts if this process and its servers could crawl nothing."""
    if not settings.demo and not settings.contact and not read_holder(settings):
        raise SeedError(NO_CONTACT)
    settings.home.make()
    check_store(settings)


def _wait_for_end(stack: Stack, archive: Archive, run: RunRef) -> DagRun:
    """Show the progress of *run* until it has ended. Raises ServiceError when one of the servers ends before it."""
    with show_progress() as show:
        while (state := _read_run(stack, run)).state not in DONE:
            stack.check()
            show([*(_progress_words(archive, run) or [(run.dag_id, state.state)]), *_disk_shortage(archive.settings)])
            time.sleep(_POLL_SECONDS)
        show(_progress_words(archive, run))
    return state


def _read_run(stack: Stack, run: RunRef) -> DagRun:
    try:
        return stack.client.read_run(run.dag_id, run.run_id)
    except ServiceError:
        stack.check()  # says which server ended, not only that the API does not answer
        raise


def _disk_shortage(settings: Settings) -> Progress:
    """Return a line that says that the disk is full, when it is."""
    why = find_disk_shortage(settings)
    return [("disk", why)] if why else []


def _progress_words(archive: Archive, run: RunRef) -> Progress:
    """Return the progress of each source of *run*; nothing before the run has a plan."""
    return [(said.source_id, _format_progress(said)) for said in read_progress(archive, run)]


def _format_progress(said: SourceProgress) -> str:
    counts = ", ".join(f"{number:,} {state.replace('_', ' ')}" for state, number in said.counts.items() if number)
    return (counts or "no answer yet") if said.event == "progress" else f"{said.event}: {counts or 'no answer'}"


def _failure(step: Callable[[], None]) -> str | None:
    """Take a step, and return why the run is red, None when it is not."""
    try:
        step()
    except RunFailedError as error:
        return str(error)
    return None


def _find_failed_task(client: AirflowClient, run: DagRun) -> str:
    """Return the first task of *run* that failed, and the last line it logged."""
    for task in client.list_task_runs(run.dag_id, run.run_id):
        if task.state == "failed":
            said = client.read_task_log(run.dag_id, run.run_id, task)
            return f"{task.task_id} failed: {said[-1] if said else 'it logged nothing'}"
    return f"run {run.run_id} ended {run.state}"


@contextmanager
def _showing_progress(archive: Archive, run: RunRef) -> Iterator[None]:
    """Show the progress of *run*, which this process does; a source that waits for a host has no answer yet."""
    sources = [planned.crawl.source_id for planned in read_outline(archive, run).crawls]
    done = threading.Event()

    def watch(show: Callable[[Progress], None]) -> None:
        while not done.wait(_POLL_SECONDS):
            words = dict(_progress_words(archive, run))
            show(
                [
                    *((source, words.get(source, "no answer yet")) for source in sources),
                    *_disk_shortage(archive.settings),
                ]
            )

    with show_progress() as show:
        show([(source, "begun") for source in sources])
        watching = threading.Thread(target=watch, args=(show,), name="progress", daemon=True)
        watching.start()
        try:
            yield
        finally:
            done.set()
            watching.join()
        show(_progress_words(archive, run))


@contextmanager
def serving_demo(settings: Settings) -> Iterator[Settings]:
    """Give settings that reach the demo newspapers: those that a stack serves, or served during this context."""
    from hemeroteca.services.children import Children
    from hemeroteca.services.demo_server import start_demo_newspapers

    if not settings.demo or settings.connect_to:
        yield settings
        return
    with Children() as children:
        holder = read_holder(settings)
        connect_to = (holder and holder.connect_to) or start_demo_newspapers(settings, children)
        yield settings.model_copy(update={"connect_to": connect_to})
