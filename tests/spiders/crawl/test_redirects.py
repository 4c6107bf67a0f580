"""Redirects, with cookies, in loops and by refresh: each ends at a page, or says why it does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from storage.captures.index import index_warc
from storage.model.source import Discovery
from tests.spiders.crawling import NIGHT, Run, card, task_of
from tests.spiders.press import Press, Reply, feed, sitemap

P = "http://paper.test"
COOKIE = ("Set-Cookie", "seen=1; Path=/")


def found(target: str, *headers: tuple[str, str]) -> Reply:
    return Reply(302, b"", (("Location", target), *headers))


def refresh(value: str) -> Reply:
    page = f'<html><head><title>Moved</title><meta http-equiv="refresh" content="{value}"></head></html>'
    return Reply(200, page.encode(), (("Content-Type", "text/html"),))


def publish(press: Press) -> None:
    names = (
        "self",
        "check",
        "other-cookie",
        "in-a-circle",
        "to-loop",
        "meta",
        "header",
        "late",
        "reload",
        "gate",
        "short",
    )
    press.put(f"{P}/feed", feed(*((f"{P}/{name}", f"{NIGHT:%a, %d %b %Y} 01:00:00 GMT") for name in names)))
    press.put(f"{P}/map", sitemap((f"{P}/canonical", "2026-10-01"), (f"{P}/dated-twice", "2026-10-01")))
    press.put(f"{P}/feed2", feed((f"{P}/dated-twice", f"{NIGHT:%a, %d %b %Y} 01:00:00 GMT")))
    press.put(f"{P}/self", found("/self", COOKIE), Reply(200, b"<p>self"))
    press.put(f"{P}/check", found("/checked"), Reply(200, b"<p>check"))
    press.put(f"{P}/checked", found("/check", COOKIE))
    for n in range(9):  # a new cookie each time, for ever
        press.pages.setdefault(f"{P}/other-cookie", []).append(found("/other-cookie", ("Set-Cookie", f"n={n}")))
    press.put(f"{P}/in-a-circle", found("/round"))
    press.put(f"{P}/round", found("/in-a-circle"))
    press.put(f"{P}/to-loop", found("/loop"))
    press.put(f"{P}/loop", found("/loop#again"))
    press.put(f"{P}/meta", refresh("0; url=/arrived"))
    press.put(f"{P}/header", Reply(200, b"moved", (("Refresh", f"3;URL='{P}/arrived-too'"),)))
    press.put(f"{P}/late", refresh("10; url=/never"))
    press.put(f"{P}/reload", refresh("0; url=/reload"))
    press.put(f"{P}/gate", Reply(200, b"wait", (("Refresh", "0; url=/gate"), COOKIE)), Reply(200, b"<p>gate"))
    press.put(f"{P}/short", found("/canonical"))
    for name in ("arrived", "arrived-too", "canonical", "dated-twice"):
        press.put(f"{P}/{name}", f"<p>{name}")
    press.put(f"{P}/", refresh("0;url=/front/"))
    press.put(f"{P}/front/", '<a href="/a-story-of-four-words">x</a>')
    press.put(f"{P}/a-story-of-four-words", "<p>story")


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        publish(press)
        yield press


@pytest.fixture(scope="module")
def night(press: Press, tmp_path_factory: pytest.TempPathFactory) -> Run:
    paths = (("sitemap", "/map"), ("feed", "/feed"), ("feed", "/feed2"), ("section", "/"))
    discoveries = [Discovery.model_validate({"kind": kind, "url": P + path}) for kind, path in paths]
    return Run(press, task_of(tmp_path_factory.mktemp("spool"), card(discoveries=discoveries))).wait()


def test_a_page_that_sets_a_cookie_and_redirects_to_itself_is_read_with_it(press: Press, night: Run) -> None:
    ends = night.ends()
    assert ends[f"{P}/gate"] == "captured" and not night.outcomes()[f"{P}/gate"].refresh
    assert (ends[f"{P}/self"], ends[f"{P}/check"], ends[f"{P}/checked"]) == ("captured", "captured", "captured")
    assert [night.outcomes()[f"{P}/{name}"].status for name in ("self", "check", "checked")] == [200, 200, 302]
    sent = [one.headers.get("Cookie") for one in press.asked if one.url in (f"{P}/self", f"{P}/check")]
    assert sent == [None, "seen=1", None, "seen=1"]


def test_cookies_are_forgotten_after_their_chain(press: Press, night: Run) -> None:
    with_cookies = {one.url.removeprefix(P) for one in press.asked if "Cookie" in one.headers}
    assert with_cookies == {"/self", "/check", "/gate", "/other-cookie"}


def test_a_loop_is_a_failure_of_all_that_is_in_it(press: Press, night: Run) -> None:
    ends = night.ends()
    for name, times in {"in-a-circle": 1, "round": 1, "loop": 1, "other-cookie": 6}.items():
        assert ends[f"{P}/{name}"] == "failed redirect_loop", name
        assert press.times(f"{P}/{name}") == times, name
    assert ends[f"{P}/to-loop"] == "captured"


def test_a_page_that_leads_on_within_five_seconds_is_a_redirect(press: Press, night: Run) -> None:
    outcomes = night.outcomes()
    assert {name: outcomes[f"{P}/{name}"].refresh for name in ("meta", "header", "late", "reload", "")} == {
        "meta": f"{P}/arrived",
        "header": f"{P}/arrived-too",
        "late": None,
        "reload": None,
        "": f"{P}/front/",
    }
    arrived = outcomes[f"{P}/arrived"]
    assert (arrived.state, arrived.kind, arrived.redirected_from) == ("captured", "redirect", (f"{P}/meta",))
    assert outcomes[f"{P}/arrived-too"].state == "captured"
    assert f"{P}/never" not in outcomes
    assert press.times(f"{P}/reload") == press.times(f"{P}/late") == 1


def test_a_front_page_that_leads_on_is_read_where_it_leads(night: Run) -> None:
    outcomes = night.outcomes()
    front = outcomes[f"{P}/front/"]
    assert (front.purpose, front.redirected_from) == ("section", (f"{P}/",))
    assert outcomes[f"{P}/a-story-of-four-words"].via == f"{P}/front/"


def test_what_an_old_date_refused_is_asked_for_when_it_is_announced_tonight(night: Run) -> None:
    outcomes = night.outcomes()
    canonical, twice = outcomes[f"{P}/canonical"], outcomes[f"{P}/dated-twice"]
    assert (canonical.state, canonical.redirected_from) == ("captured", (f"{P}/short",))
    assert (twice.state, twice.via) == ("captured", f"{P}/feed2")


def test_what_led_on_is_made_again_from_the_warc(night: Run) -> None:
    (path,) = night.directory().glob("*.warc.gz")
    remade = {outcome.url: outcome for outcome in index_warc(path, night.tasks[0].crawl, "warc/x").outcomes}
    assert {url for url, one in night.outcomes().items() if url in remade and remade[url] != one} == {
        f"{P}/{name}" for name in ("in-a-circle", "round", "loop", "other-cookie")
    }
