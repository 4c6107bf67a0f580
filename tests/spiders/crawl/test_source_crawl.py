"""One night of one newspaper by ``python -m spiders.run``: every rule of fetching, seen from both ends."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from spiders.job import AttemptNote
from storage.captures.index import index_warc
from storage.model.source import Discovery, DiscoveryKind
from storage.warc.record import WarcResponse, WarcTargetRecord
from tests.spiders.crawling import NIGHT, Run, card, task_of
from tests.spiders.press import Press, Reply, feed, sitemap, sitemap_index
from tests.warc_records import of_type

P = "http://paper.test"
DELAY = 0.05


FED = (
    f"{P}/one", f"{P}/one#comments", f"{P}/private/x", (f"{P}/ancient", "Sun, 01 Mar 2026 00:00:00 GMT"),
    "http://elsewhere.test/x", f"{P}/moved", f"{P}/moved-to-one", f"{P}/gone", f"{P}/shaky", f"{P}/broken", f"{P}/cut",
    f"{P}/hop0", f"{P}/to-elsewhere", f"{P}/to-private", f"{P}/loop", f"{P}/slow-down", "mailto:news@paper.test",
)  # fmt: skip
"""What the newspaper's feed announces."""


def publish(press: Press) -> None:
    """A newspaper with something of everything."""
    press.put(f"{P}/robots.txt", "User-agent: *\nDisallow: /private/\n")
    press.put(f"{P}/feed", feed(*FED))
    publish_articles(press)
    publish_redirects(press)
    publish_other_discoveries(press)


def publish_articles(press: Press) -> None:
    for name, text in (("one", "one"), ("two", "two"), ("hop6", "too far"), ("from-elsewhere", "fed")):
        press.put(f"{P}/{name}", f"<p>{text}")
    press.put(f"{P}/mapped", "<p>mapped")
    press.put(f"{P}/news/mayor-opens-new-bridge", "<p>bridge")
    press.put(f"{P}/gone", Reply(410, b"gone"))
    press.put(f"{P}/shaky", Reply(500, b"oops"), Reply(0), Reply(200, b"<p>at last"))
    press.put(f"{P}/broken", Reply(502, b"bad"))
    press.put(f"{P}/cut", Reply(0))
    press.put(f"{P}/slow-down", Reply(429, b"later", (("Retry-After", "1"),)), Reply(200, b"<p>thanks"))


def publish_redirects(press: Press) -> None:
    press.redirect(f"{P}/moved", "/two")
    press.redirect(f"{P}/moved-to-one", "one")
    for hop in range(6):
        press.redirect(f"{P}/hop{hop}", f"/hop{hop + 1}", 302)
    press.redirect(f"{P}/to-elsewhere", "http://elsewhere.test/y")
    press.redirect(f"{P}/to-private", "/private/y")
    press.redirect(f"{P}/loop", "/loop")


def publish_other_discoveries(press: Press) -> None:
    press.put(f"{P}/no-feed", "<html>Welcome")
    press.put(f"{P}/empty-feed", feed())
    press.redirect(f"{P}/old-feed", "http://feeds.test/paper")
    press.put("http://feeds.test/paper", feed(f"{P}/from-elsewhere"))
    index = sitemap_index(
        f"{P}/news.xml", (f"{P}/2020.xml", "2020-01-01"), "http://elsewhere.test/map.xml", f"{P}/map.xml"
    )
    press.put(f"{P}/map.xml", index)
    press.put(f"{P}/news.xml", sitemap((f"{P}/mapped", "2026-11-24"), f"{P}/one"))
    press.put(
        f"{P}/", '<a href="/news/mayor-opens-new-bridge">x</a><a href="/tag/a">t</a><a href="http://ads.test/1-2-3-4">'
    )


DISCOVERIES: list[tuple[DiscoveryKind, str]] = [
    ("feed", "/feed"),
    ("feed", "/no-feed"),
    ("feed", "/empty-feed"),
    ("feed", "/missing-feed"),
    ("feed", "/old-feed"),
    ("sitemap", "/map.xml"),
    ("section", "/"),
]


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        publish(press)
        yield press


@pytest.fixture(scope="module")
def night(press: Press, tmp_path_factory: pytest.TempPathFactory) -> Run:
    discoveries = [Discovery(kind=kind, url=P + path) for kind, path in DISCOVERIES]
    task = task_of(tmp_path_factory.mktemp("spool"), card(discoveries=discoveries, delay_seconds=DELAY))
    return Run(press, task).wait()


def test_every_url_ends_in_exactly_one_outcome(night: Run) -> None:
    assert night.ends() == {
        f"{P}/robots.txt": "captured",
        f"{P}/.well-known/tdmrep.json": "captured",
        f"{P}/feed": "captured",
        f"{P}/no-feed": "failed not_a_feed",
        f"{P}/empty-feed": "failed empty",
        f"{P}/missing-feed": "failed http_404",
        f"{P}/old-feed": "captured",
        "http://feeds.test/robots.txt": "captured",
        "http://feeds.test/paper": "captured",
        f"{P}/map.xml": "captured",
        f"{P}/news.xml": "captured",
        f"{P}/2020.xml": "failed http_404",
        "http://elsewhere.test/map.xml": "refused scope",
        f"{P}/": "captured",
        f"{P}/one": "captured",
        f"{P}/private/x": "refused robots",
        f"{P}/ancient": "refused too_old",
        "http://elsewhere.test/x": "refused scope",
        "mailto:news@paper.test": "refused scheme",
        f"{P}/moved": "captured",
        f"{P}/moved-to-one": "captured",
        f"{P}/two": "captured",
        f"{P}/gone": "failed http_410",
        f"{P}/shaky": "captured",
        f"{P}/broken": "failed http_502",
        f"{P}/cut": "failed connect",
        **{f"{P}/hop{hop}": "captured" for hop in range(6)},
        f"{P}/hop6": "refused redirects",
        f"{P}/to-elsewhere": "captured",
        "http://elsewhere.test/y": "refused scope",
        f"{P}/to-private": "captured",
        f"{P}/private/y": "refused robots",
        f"{P}/loop": "failed redirect_loop",
        f"{P}/slow-down": "captured",
        f"{P}/from-elsewhere": "captured",
        f"{P}/mapped": "captured",
        f"{P}/news/mayor-opens-new-bridge": "captured",
    }


def test_the_progress_told_adds_up(night: Run) -> None:
    last = night.events[-1]
    assert (last["event"], last["source_id"], last["reason"]) == ("ended", "aa-paper", "finished")
    assert last["discovered"] == sum(last["counts"].values()) == len(night.outcomes())
    assert all(event["event"] == "progress" for event in night.events[:-1])


def test_a_url_is_asked_for_once_but_tried_three_times_when_it_fails(press: Press, night: Run) -> None:
    tries = {url: press.times(url) for url in night.outcomes()}
    assert {url: times for url, times in tries.items() if times > 1} == {
        f"{P}/shaky": 3,
        f"{P}/broken": 3,
        # Twisted sends a request again when a kept connection breaks before a byte came
        f"{P}/cut": tries[f"{P}/cut"],
        f"{P}/slow-down": 2,
    }
    assert tries[f"{P}/cut"] >= 3
    refused = [url for url, end in night.ends().items() if end.startswith("refused")]
    assert refused and not any(tries[url] for url in refused)
    assert not [one for one in press.asked if "elsewhere.test" in one.url or "ads.test" in one.url]


def test_every_try_is_a_capture(night: Run) -> None:
    statuses = [
        record.block.split(b"\r\n", 1)[0]
        for record in of_type(night.records(), WarcResponse)
        if record.target_uri == f"{P}/broken"
    ]
    assert statuses == [b"HTTP/1.1 502 Bad Gateway"] * 3
    cut = [record.type for record in of_type(night.records(), WarcTargetRecord) if record.target_uri == f"{P}/cut"]
    assert cut == ["request", "metadata"] * 3


def test_each_hop_of_a_redirect_has_its_outcome_and_its_way(night: Run) -> None:
    moved, two = (night.outcomes()[f"{P}/{name}"] for name in ("moved", "two"))
    assert (moved.status, moved.kind, moved.purpose, moved.detail) == (301, "article", "article", "/two")
    assert (two.kind, two.purpose, two.via, two.redirected_from) == ("redirect", "article", moved.url, (moved.url,))
    far = night.outcomes()[f"{P}/hop6"]
    assert far.redirected_from == tuple(f"{P}/hop{hop}" for hop in range(6))
    fed = night.outcomes()["http://feeds.test/paper"]
    assert (fed.kind, fed.purpose, fed.redirected_from) == ("redirect", "feed", (f"{P}/old-feed",))


def test_outcomes_say_how_a_url_was_found(night: Run) -> None:
    found = {url.removeprefix(P): (o.kind, o.via) for url, o in night.outcomes().items()}
    assert found["/feed"] == ("feed", "card")
    assert found["/robots.txt"] == ("robots", None)
    assert found["/one"] == ("article", f"{P}/feed")
    assert found["/news.xml"] == ("sitemap", f"{P}/map.xml")
    assert found["/mapped"] == ("article", f"{P}/news.xml")
    assert found["/news/mayor-opens-new-bridge"] == ("article", f"{P}/")
    assert found["/from-elsewhere"] == ("article", "http://feeds.test/paper")
    mapped = night.outcomes()[f"{P}/mapped"]
    assert mapped.announced and str(mapped.announced.date()) == str(NIGHT)


def test_the_ledger_is_what_the_warc_says(night: Run) -> None:
    (path,) = night.directory().glob("*.warc.gz")
    remade = {outcome.url: outcome for outcome in index_warc(path, night.tasks[0].crawl, "warc/x").outcomes}
    asked = {url: outcome for url, outcome in night.outcomes().items() if outcome.state in ("captured", "failed")}
    assert set(remade) == set(asked)
    judged_later = {f"{P}/no-feed", f"{P}/empty-feed", f"{P}/loop"}
    different = {url for url in asked if remade[url] != asked[url]}
    assert different == judged_later


def test_requests_to_a_host_keep_their_distance_and_never_overlap(press: Press, night: Run) -> None:
    asked = sorted((one for one in press.asked if one.url.startswith(P)), key=lambda one: one.begun)
    gaps = [
        later.begun - earlier.ended for earlier, later in zip(asked, asked[1:], strict=False) if later.url != f"{P}/cut"
    ]
    assert min(gaps) >= DELAY * 0.9


def test_requests_are_honest_and_plain(press: Press, night: Run) -> None:
    for one in press.asked:
        assert one.headers["User-Agent"] == "hemeroteca/0 (+test@hemeroteca.test)"
        assert one.headers["Accept-Encoding"] == "gzip"
        assert not {"Cookie", "Referer", "Authorization"} & set(one.headers)


def test_retry_after_is_obeyed(press: Press, night: Run) -> None:
    first, second = [one for one in press.asked if one.url == f"{P}/slow-down"]
    assert second.begun - first.ended >= 0.95
    meanwhile = [one for one in press.asked if first.ended < one.begun < second.begun and one.url.startswith(P)]
    assert meanwhile == []


def test_the_attempt_says_who_worked_on_it_and_is_free_again(night: Run) -> None:
    note = AttemptNote.model_validate_json((night.directory() / "attempt.json").read_bytes())
    assert note.pid == night.process.pid
    assert note.pid_started
    assert night.ended()
    assert sorted(path.suffix for path in night.directory().iterdir()) == [
        "",
        ".gz",
        ".json",
        ".json",
        ".jsonl",
        ".jsonl",
    ]


def test_two_sources_of_a_job_end_apart_and_one_broken_one_does_not_stop_the_other(tmp_path: Path) -> None:
    with Press() as press:
        for number in range(5):
            press.put(f"http://good.test/{number}", f"x{number}")
        press.put("http://good.test/feed", feed(*(f"/{number}" for number in range(5))))
        good = task_of(tmp_path, card("good", "good.test"))
        bad = task_of(tmp_path, card("bad", "bad.test"), known=tmp_path / "no-such-file")
        run = Run(press, good, bad).wait(1)
    assert run.ended(0) and run.tally(0)["captured"] == 8
    assert run.ended(1) is None
