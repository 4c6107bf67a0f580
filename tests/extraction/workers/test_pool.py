"""Worker processes on real and hostile pages: a hostile page costs only itself."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.configuration import CHECKOUT
from hemeroteca.extraction.article import explain_page, extract_page
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers.pool import Limits, WorkerPool
from storage.model.document import CleanText
from storage.model.errors import NoMainTextError, ServiceError
from tests.extraction.pages import BODY, article, page
from tests.waiting import HANGS_SECONDS, wait_for

HOSTILE = "tests.extraction.hostile_worker"
QUADRATIC = "<html><body><div " + " ".join(f"a{number}=1" for number in range(200_000)) + ">x</div></body></html>"
SECRET = "HEMEROTECA_S3_SECRET_KEY"


def asked(*paths: str) -> Iterator[tuple[str, Page]]:
    for number, path in enumerate(paths):
        yield f"{number} {path}", page("<p>a page</p>", url=f"http://a.test/{path}")


def outcome(found: CleanText | NoMainTextError) -> str:
    return found.reason if isinstance(found, NoMainTextError) else "clean"


def gone(pid: int) -> bool:
    try:
        return "\nState:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return True


@pytest.fixture
def hostile() -> Iterator[WorkerPool]:
    with WorkerPool(1, Limits(seconds=2), HOSTILE) as workers:
        yield workers


def test_a_page_is_cleaned_in_a_worker_as_it_is_here() -> None:
    pages = {f"{count}": page(article(*BODY[:count])) for count in (1, 2, 3)}
    with WorkerPool(2) as workers:
        found = dict(workers.map(pages.items()))
    assert found == {name: extract_page(one) for name, one in pages.items()}


def test_a_page_is_explained_in_a_worker_as_it_is_here() -> None:
    explained = page(article())
    with WorkerPool(1) as workers:
        assert workers.explain(explained) == explain_page(explained)
        with pytest.raises(NoMainTextError, match="not_html"):
            workers.explain(page(b"{}", "application/json"))


@pytest.mark.parametrize(("path", "reason"), [("hang", "timeout"), ("eat", "memory")])
def test_a_page_that_takes_all_is_not_explained(hostile: WorkerPool, path: str, reason: str) -> None:
    with pytest.raises(NoMainTextError, match=reason):
        hostile.explain(page("<p>a page</p>", url=f"http://a.test/{path}"))


def test_a_refusal_comes_back_with_its_reason_and_detail() -> None:
    with WorkerPool(1) as workers:
        ((_, found),) = workers.map([("a", page(b"{}", "application/json"))])
    assert isinstance(found, NoMainTextError)
    assert (found.reason, str(found)) == ("not_html", "not_html: application/json")


def test_a_page_that_would_keep_a_parser_busy_for_minutes_is_refused_and_its_siblings_are_cleaned() -> None:
    pages = [("before", page(article())), ("poison", page(QUADRATIC)), ("after", page(article()))]
    with WorkerPool(1, Limits(seconds=3)) as workers:
        found = {name: outcome(one) for name, one in workers.map(pages)}
    assert found == {"before": "clean", "poison": "parser_limit", "after": "clean"}


@pytest.mark.parametrize(
    ("path", "reason"),
    [("hang", "timeout"), ("abort", "worker_died"), ("eat", "memory"), ("raise", "error"), ("garble", "worker_died")],
)
def test_what_a_page_does_is_its_own_outcome_and_nobody_elses(hostile: WorkerPool, path: str, reason: str) -> None:
    found = {name: outcome(one) for name, one in hostile.map(asked("a", path, "b", "c"))}
    assert found == {"0 a": "clean", f"1 {path}": reason, "2 b": "clean", "3 c": "clean"}


def test_memory_that_is_not_enough_is_told(hostile: WorkerPool) -> None:
    ((_, found),) = hostile.map(asked("eat"))
    assert str(found) == "memory: more than 1,073,741,824 bytes"


def test_a_worker_that_takes_no_more_does_not_hold_up_what_is_sent_to_it(hostile: WorkerPool) -> None:
    large = page(b" " * 5_000_000, url="http://a.test/large")
    found = [outcome(one) for _, one in hostile.map([*asked("deaf"), ("large", large), *asked("a")])]
    assert found == ["clean", "timeout", "clean"]


def test_what_a_library_prints_is_no_answer(hostile: WorkerPool) -> None:
    assert [outcome(found) for _, found in hostile.map(asked("print", "a"))] == ["clean", "clean"]


def test_one_process_cleans_page_after_page_and_call_after_call(hostile: WorkerPool) -> None:
    found = [one for _, one in [*hostile.map(asked("a", "b")), *hostile.map(asked("c"))]]
    assert len({one.title for one in found if isinstance(one, CleanText)}) == 1


def test_workers_outlive_the_thread_that_first_asked_for_them(hostile: WorkerPool) -> None:
    seen: list[str | None] = []

    def ask() -> None:
        seen.extend(found.title for _, found in hostile.map(asked("a")) if isinstance(found, CleanText))

    for _ in range(2):
        thread = threading.Thread(target=ask)
        thread.start()
        thread.join(HANGS_SECONDS)
    ask()
    assert len(seen) == 3
    assert len(set(seen)) == 1


def test_a_page_that_meets_a_worker_worn_by_others_is_tried_in_a_new_one(hostile: WorkerPool) -> None:
    assert {outcome(found) for _, found in hostile.map(asked("a", "b", "c", "weary", "d"))} == {"clean"}


def test_a_worker_sees_no_secret_of_its_parent(hostile: WorkerPool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SECRET, "a secret")
    ((_, found),) = hostile.map(asked("a"))
    assert isinstance(found, CleanText)
    assert "PYTHONHASHSEED" in found.text
    assert SECRET not in found.text


def test_no_more_pages_are_read_ahead_than_keep_the_workers_busy(hostile: WorkerPool) -> None:
    taken: list[str] = []

    def jobs() -> Iterator[tuple[str, Page]]:
        for name, one in asked(*"abcdef"):
            taken.append(name)
            yield name, one

    next(iter(hostile.map(jobs())))
    assert len(taken) == 2


def test_workers_that_cannot_start_are_an_error_and_not_the_pages_fault() -> None:
    with (
        WorkerPool(1, module="tests.extraction.not_there") as workers,
        pytest.raises(ServiceError, match="does not start"),
    ):
        list(workers.map(asked("a")))


def test_leaving_ends_a_worker_in_the_middle_of_a_page() -> None:
    with WorkerPool(1, Limits(seconds=3600), HOSTILE) as workers:
        ((_, first),) = workers.map(asked("a"))
        assert isinstance(first, CleanText)
        worker = int(first.title or "")
        threading.Thread(target=lambda: list(workers.map(asked("stop"))), daemon=True).start()
        wait_for(lambda: stopped(worker))
    assert gone(worker)


def stopped(pid: int) -> bool:
    return "\nState:\tT" in Path(f"/proc/{pid}/status").read_text()


def test_workers_die_with_the_process_that_started_them() -> None:
    program = (
        "import sys, time\n"
        "from hemeroteca.extraction.workers.pool import WorkerPool\n"
        "from tests.extraction.workers.test_pool import HOSTILE, asked\n"
        "workers = WorkerPool(1, module=HOSTILE)\n"
        "print(*(found.title for _, found in workers.map(asked('a'))), flush=True)\n"
        "list(workers.map(asked('hang')))\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=CHECKOUT, stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout
        worker = int(parent.stdout.readline())
        assert not gone(worker)
    finally:
        os.kill(parent.pid, signal.SIGKILL)
        parent.communicate()
    wait_for(lambda: gone(worker))


def _clean_one(answers: multiprocessing.Queue[str]) -> None:
    with WorkerPool(1) as workers:
        answers.put(",".join(outcome(found) for _, found in workers.map([("a", page(article()))])))


def test_a_daemonic_process_may_have_workers() -> None:
    context = multiprocessing.get_context("fork")
    answers = context.Queue()
    child = context.Process(target=_clean_one, args=(answers,), daemon=True)
    child.start()
    assert answers.get(timeout=HANGS_SECONDS) == "clean"
    child.join(HANGS_SECONDS)
    assert child.exitcode == 0
