"""What is known, asked for by hand, or over a budget: whole runs that differ in their task."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from storage.model.source import Discovery
from storage.warc.record import WarcRevisit
from tests.spiders.crawling import NIGHT, NO_WAITING, Run, card, known_of, patched, task_of
from tests.spiders.press import Press, Reply, feed
from tests.warc_records import of_type

P = "http://paper.test"
NEXT = NIGHT + timedelta(days=1)


@pytest.fixture
def press() -> Iterator[Press]:
    with Press() as press:
        yield press


def tagged(body: str, tag: str) -> Reply:
    return Reply(200, body.encode(), (("ETag", f'"{tag}"'),))


@pytest.fixture
def known(press: Press, tmp_path: Path) -> Path:
    """A first night of four articles and a page that lists them; what the archive then knows."""
    press.put(f"{P}/robots.txt", tagged("User-agent: *\nAllow: /\n", "r"))
    press.put(f"{P}/feed", tagged(feed(*(f"/{name}" for name in ("same", "tagged", "edited", "away"))), "f"))
    press.put(f"{P}/same", "<p>same")
    press.put(f"{P}/tagged", tagged("<p>tagged", "t"))
    press.put(f"{P}/edited", "<p>first words")
    press.put(f"{P}/away", "<p>soon gone")
    first = Run(press, task_of(tmp_path / "first", card())).wait()
    assert first.tally() == {"captured": 7}
    return known_of(tmp_path / "known", first.outcomes().values())


def test_a_second_night_sees_changes_and_stores_nothing_twice(press: Press, known: Path, tmp_path: Path) -> None:
    press.put(f"{P}/edited", "<p>other words")
    press.put(f"{P}/away", Reply(410))
    press.put(f"{P}/feed", tagged(feed("/same", "/new"), "f2"))
    press.put(f"{P}/new", "<p>new")
    run = Run(press, task_of(tmp_path, card(), NEXT, known=known)).wait()
    assert run.ends() == {
        f"{P}/robots.txt": "unchanged",  # never asked for with validators: its rules must be read
        f"{P}/.well-known/tdmrep.json": "captured",
        f"{P}/feed": "captured",
        f"{P}/same": "unchanged",
        f"{P}/tagged": "unchanged",  # 304, and asked for again to see whether that is true
        f"{P}/edited": "captured",
        f"{P}/away": "failed http_410",
        f"{P}/new": "captured",
    }
    found = {url.removeprefix(P): outcome.via for url, outcome in run.outcomes().items()}
    assert found["/tagged"] == "known"
    revisits = {record.target_uri for record in of_type(run.records(), WarcRevisit)}
    assert revisits == {f"{P}/robots.txt", f"{P}/same", f"{P}/tagged"}
    order = [one.url for one in press.asked if one.headers.get("If-None-Match") or one.url == f"{P}/new"]
    assert order.index(f"{P}/new") < order.index(f"{P}/tagged")  # new ones first


def test_a_feed_that_is_not_modified_was_read(press: Press, known: Path, tmp_path: Path) -> None:
    run = Run(press, task_of(tmp_path, card(), NEXT, known=known)).wait()
    assert run.ends()[f"{P}/feed"] == "unchanged"
    assert run.tally() == {"unchanged": 6, "captured": 1}


def test_the_same_night_again_looks_at_nothing_that_is_not_due(press: Press, known: Path, tmp_path: Path) -> None:
    press.put(f"{P}/feed", feed("/same", "/tagged"))
    run = Run(press, task_of(tmp_path, card(), known=known)).wait()
    assert run.ends() == {
        f"{P}/robots.txt": "unchanged",
        f"{P}/feed": "captured",
        f"{P}/same": "skipped not_due",
        f"{P}/tagged": "skipped not_due",
    }


def test_a_fresh_crawl_asks_for_everything_without_validators(press: Press, known: Path, tmp_path: Path) -> None:
    before = len(press.asked)
    run = Run(press, task_of(tmp_path, card(), known=known, fresh=True)).wait()
    assert run.tally() == {"unchanged": 6, "captured": 1}
    assert not [one for one in press.asked[before:] if "If-None-Match" in one.headers]


def test_what_a_person_asks_for_is_fetched_due_or_not_and_nothing_else(
    press: Press, known: Path, tmp_path: Path
) -> None:
    urls = (f"{P}/same#top", f"{P}/about", "http://elsewhere.test/x", "http://[no-address")
    press.put(f"{P}/about", "<p>about")
    source = card(include=("/news/",))
    run = Run(press, task_of(tmp_path, source, known=known, urls=urls, only_urls=True)).wait()
    assert run.ends() == {
        f"{P}/robots.txt": "unchanged",
        f"{P}/same": "unchanged",
        f"{P}/about": "captured",
        "http://elsewhere.test/x": "refused scope",
        "http://[no-address": "refused scheme",
    }
    assert {outcome.via for outcome in run.outcomes().values()} == {None, "request"}


@pytest.mark.parametrize(("nightly_budget", "page_budget", "captured"), [(3, None, 3), (4, 2, 2)])
def test_articles_over_the_budget_are_skipped(
    press: Press, tmp_path: Path, nightly_budget: int, page_budget: int | None, captured: int
) -> None:
    press.put(f"{P}/feed", feed(*(f"/{number}" for number in range(5))))
    for number in range(5):
        press.put(f"{P}/{number}", f"x{number}")
    run = Run(press, task_of(tmp_path, card(nightly_budget=nightly_budget), page_budget=page_budget)).wait()
    articles = [f"{o.state} {o.reason}" for o in run.outcomes().values() if o.purpose == "article"]
    assert sorted(articles) == ["captured None"] * captured + ["skipped budget"] * (5 - captured)


def test_a_source_whose_time_is_over_ends_with_what_it_has(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/feed", feed(*(f"/{number}" for number in range(50))))
    for number in range(50):
        press.put(f"{P}/{number}", f"x{number}")
    task = task_of(tmp_path, card(delay_seconds=60, time_budget_seconds=600))
    run = Run(press, task, environment=patched(tmp_path, NO_WAITING)).wait()
    ended = run.ended()
    assert ended and ended.reason == "budget"
    assert run.tally()["skipped budget"] + run.tally()["captured"] == 53
    assert run.tally()["skipped budget"] > 30


def test_a_host_that_gives_no_answer_is_left_alone(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/feed", feed(*(f"/{number}" for number in range(9))))
    for number in range(9):
        press.put(f"{P}/{number}", Reply(0))
    run = Run(press, task_of(tmp_path, card()), environment=patched(tmp_path, NO_WAITING)).wait()
    assert run.tally() == {"captured": 3, "failed connect": 5, "skipped host_blocked": 4}


def test_a_pause_that_is_too_long_blocks_the_host(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/feed", feed("/a", "/b"))
    press.put(f"{P}/a", Reply(503, b"", (("Retry-After", "7200"),)))
    run = Run(press, task_of(tmp_path, card())).wait()
    assert run.ends()[f"{P}/a"] == "failed http_503"
    assert run.ends()[f"{P}/b"] == "skipped host_blocked"
    assert press.times(f"{P}/a") == 1


def test_a_robots_txt_that_cannot_be_read_forbids_everything(press: Press, tmp_path: Path) -> None:
    rules = b"User-agent: *\nDisallow: /a\n"
    answers: dict[str, tuple[list[Reply], str]] = {
        "ok": ([Reply(200, rules)], "captured"),
        "missing": ([Reply(404)], "captured"),
        "forbidden": ([Reply(403)], "captured"),
        "error": ([Reply(500)], "refused robots"),
        "down": ([Reply(0)], "refused robots"),
        "recovers": ([Reply(500), Reply(200, rules)], "captured"),
        "moved": ([Reply(301, b"", (("Location", "http://ok.test/robots.txt"),))], "captured"),
        "endless": ([Reply(302, b"", (("Location", "/robots.txt?more"),))], "refused robots"),
        "long": ([Reply(200, b"#" * 512_000 + b"\nUser-agent: *\nDisallow: /\n")], "captured"),
    }
    tasks = []
    for name, (replies, _) in answers.items():
        host = f"http://{name}.test"
        press.put(f"{host}/robots.txt", *replies)
        press.put(f"{host}/feed", feed("/a"))
        press.put(f"{host}/a", "x")
        tasks.append(task_of(tmp_path, card(name, f"{name}.test")))
    press.redirect("http://endless.test/robots.txt?more", "/robots.txt")
    run = Run(press, *tasks).wait()
    ends = {name: run.ends(number) for number, name in enumerate(answers)}
    assert {name: ends[name][f"http://{name}.test/feed"] for name in answers} == {
        n: end for n, (_, end) in answers.items()
    }
    assert {name for name in answers if ends[name].get(f"http://{name}.test/a") == "refused robots"} == {
        "ok", "recovers", "moved",
    }  # fmt: skip
    for name in ("error", "down", "endless"):
        assert press.times(f"http://{name}.test/feed") == 0


def test_crawl_delay_is_kept_when_it_is_longer_than_the_cards(press: Press, tmp_path: Path) -> None:
    press.put(f"{P}/robots.txt", "User-agent: hemeroteca\nCrawl-delay: 0.4\n")
    press.put(f"{P}/feed", feed("/a", "/b"))
    Run(press, task_of(tmp_path, card())).wait()
    asked = [one for one in press.asked if one.url.startswith(P)]
    assert len(asked) == 5
    assert min(later.begun - earlier.ended for earlier, later in zip(asked, asked[1:], strict=False)) >= 0.38


def test_without_leave_no_private_address_is_asked(press: Press, tmp_path: Path) -> None:
    host = press.connect_to[0].removeprefix(":80:")
    discoveries = (Discovery(kind="feed", url=f"http://{host}/feed"),)
    source = card(host=host, hosts=("127.0.0.1",), discoveries=discoveries, allow_private=False)
    run = Run(press, task_of(tmp_path, source)).wait()
    assert run.ends() == {
        f"http://{host}/robots.txt": "refused private_address",
        f"http://{host}/feed": "refused private_address",
    }
    assert press.asked == []


def test_an_address_is_one_however_its_escapes_are_spelled(press: Press, tmp_path: Path) -> None:
    spelled = ("/ma\u00f1ana", "/ma%c3%b1ana", "/ma%C3%B1ana", "/%6da%C3%b1ana", "/other%2fpage", "/other/page")
    press.put(f"{P}/feed", feed(*spelled))
    for path in ("/ma%C3%B1ana", "/other%2Fpage", "/other/page"):
        press.put(P + path, f"<p>{path}")
    first = Run(press, task_of(tmp_path / "first", card())).wait()
    articles = {url: end for url, end in first.ends().items() if first.outcomes()[url].purpose == "article"}
    assert articles == dict.fromkeys((f"{P}/ma%C3%B1ana", f"{P}/other%2Fpage", f"{P}/other/page"), "captured")
    held = [one.model_copy(update={"url": one.url.replace("%C3%B1", "%c3%b1")}) for one in first.outcomes().values()]
    known = known_of(tmp_path / "known", held)
    again = Run(press, task_of(tmp_path / "again", card(), known=known)).wait()
    assert again.ends()[f"{P}/ma%c3%b1ana"] == "skipped not_due", "what is held in small letters stays so"
    assert f"{P}/ma%C3%B1ana" not in again.ends()
