"""What publishers say of the use of a page: recorded of each capture, obeyed where the card says so, and remade."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.reservations import find_reservation
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_closest, read_document
from hemeroteca.cli.coverage import coverage_facts
from storage.model.page_facts import Signals
from storage.table_reads import read_table
from tests.archive.cleaned import CleanedNight, work
from tests.archive.homes import FIRST, make_home, open_home
from tests.conftest import S3Server
from tests.spiders.press import Press, Reply, feed

P = "http://paper.test"
TEXT = "".join(
    f"<p>The council voted on Monday to open the old bridge again, {words}, after two years of repairs.</p>"
    for words in (
        "the mayor said",
        "as its engineers had asked",
        "with seven votes to four",
        "and to plant trees there",
    )
)
_numbers = count(1)
RESERVED = {
    f"{P}/news/noai": "robots: noai",
    f"{P}/news/header": "robots: noarchive",
    f"{P}/file/a": "tdm-reservation: 1",
    f"{P}/news/signal": "content-signal: ai-train=no",
}
FREE = {f"{P}/news/free", f"{P}/file/open", f"{P}/news/paid"}


def article(head: str = "", *headers: tuple[str, str]) -> Reply:
    title = f"Bridge {next(_numbers)} opens"
    body = f"<html><head><title>{title}</title>{head}</head><body><article><h1>{title}</h1>{TEXT}</article>"
    return Reply(200, body.encode(), (("Content-Type", "text/html; charset=utf-8"), *headers))


@pytest.fixture(scope="module")
def press() -> Iterator[Press]:
    with Press() as press:
        press.put(f"{P}/feed", feed(*RESERVED, *FREE))
        rules = '[{"location": "/file/*", "tdm-reservation": 1, "tdm-policy": "/policy"}, {"location": 3}, 4]'
        press.put(f"{P}/.well-known/tdmrep.json", rules)
        press.put(f"{P}/news/noai", article('<meta name="robots" content="noai">'))
        press.put(f"{P}/news/header", article("", ("X-Robots-Tag", "otherbot: none"), ("X-Robots-Tag", "noarchive")))
        press.put(f"{P}/file/a", article())
        press.put(f"{P}/news/signal", article("", ("Content-Signal", "search=yes, ai-train=no")))
        press.put(
            f"{P}/news/free", article('<link rel="canonical" href="/bridge"><meta name="robots" content="index">')
        )
        press.put(f"{P}/file/open", article('<meta name="tdm-reservation" content="0">'))
        press.put(
            f"{P}/news/paid", article('<script type="application/ld+json">{"isAccessibleForFree":false}</script>')
        )
        yield press


def night_with(press: Press, directory: Path, s3: S3Server, signals: str) -> CleanedNight:
    card = {
        "id": "aa-paper",
        "title": "Paper",
        "homepage": f"{P}/",
        "language": "en",
        "discoveries": [{"kind": "feed", "url": f"{P}/feed"}],
        "delay_seconds": 0,
        "allow_private": True,
        "signals": signals,
    }
    home = make_home(directory / signals, card)
    return work(open_home(home, s3.new_prefix(), connect_to=press.connect_to[0]))


@pytest.fixture(scope="module")
def honoured(press: Press, tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> Iterator[CleanedNight]:
    night = night_with(press, tmp_path_factory.mktemp("home"), s3_server, "honour")
    yield night
    night.archive.close()


def test_what_is_reserved_gives_no_document_and_is_counted(honoured: CleanedNight) -> None:
    assert set(honoured.documents) == FREE
    refused = {one.url: (one.reason, one.detail) for one in honoured.cleaning.not_cleaned}
    assert refused == {url: ("reserved", why) for url, why in RESERVED.items()}
    assert honoured.cleaning.reserved == len(RESERVED)
    (row,) = honoured.archive.catalog.find_crawls(FIRST)
    assert (coverage_facts(row)["documents"], coverage_facts(row)["reserved"]) == (3, 4)
    table = read_table(honoured.archive.store, "documents", FIRST)
    assert set(table.column("url").to_pylist()) == FREE


def test_a_crawl_says_how_far_its_documents_are_to_be_trusted(honoured: CleanedNight) -> None:
    (row,) = honoured.archive.catalog.find_crawls(FIRST)
    table = read_table(honoured.archive.store, "documents", FIRST).to_pylist()
    assert row.confidence == pytest.approx(sum(one["confidence"] for one in table) / len(table), abs=1e-3)
    assert row.flagged == sum(bool(one["quality_flags"]) for one in table)


def columns_of(archive: Archive) -> dict[str, tuple[object, ...]]:
    names = ("robots_header", "robots_meta", "tdm_reservation", "tdm_policy", "content_signal", "canonical", "evidence")
    return {c.target_uri: tuple(getattr(c, name) for name in names) for c in archive.catalog.find_captures()}


def test_signals_and_flags_are_columns_of_captures_and_rebuilt_from_the_bucket(honoured: CleanedNight) -> None:
    found = columns_of(honoured.archive)
    nothing = (None, None, None, None, None, None, ())
    assert found[f"{P}/feed"] == found[f"{P}/.well-known/tdmrep.json"] == nothing
    assert found[f"{P}/news/header"][0] == "noarchive, otherbot: none"
    assert found[f"{P}/file/a"] == (None, None, True, f"{P}/policy", None, None, ())
    assert found[f"{P}/news/free"] == (None, "index", None, None, None, f"{P}/bridge", ())
    assert found[f"{P}/news/paid"][-1] == ("paywall: json-ld isAccessibleForFree=false",)
    ledger = {row["url"]: row for row in read_table(honoured.archive.store, "ledger", FIRST).to_pylist()}
    assert ledger[f"{P}/news/paid"]["flags"] == ["paywall"]
    assert ledger[f"{P}/news/signal"]["content_signal"] == "search=yes, ai-train=no"
    rebuild(honoured.archive)
    assert columns_of(honoured.archive) == found
    assert find_closest(honoured.archive, f"{P}/news/free").robots_meta == "index"
    assert read_document(honoured.archive, find_closest(honoured.archive, f"{P}/file/open")).tdm_reservation is False


def test_signals_are_recorded_and_not_obeyed_unless_the_card_says_so(
    press: Press, tmp_path: Path, s3_server: S3Server
) -> None:
    night = night_with(press, tmp_path, s3_server, "record")
    assert set(night.documents) == FREE | set(RESERVED)
    assert night.cleaning.reserved == 0
    assert night.documents[f"{P}/news/signal"].content_signal == "search=yes, ai-train=no"
    night.archive.close()


@pytest.mark.parametrize(
    ("signals", "word"),
    [
        (Signals(robots_header="otherbot: noai, noindex"), None),
        (Signals(robots_header="unavailable_after: 2030, hemeroteca: noai"), "robots: noai"),
        (Signals(robots_meta="INDEX, NoArchive"), "robots: noarchive"),
        (Signals(robots_meta="noimageai, max-image-preview:none"), None),
        (Signals(content_signal="search = no"), "content-signal: search=no"),
        (Signals(content_signal="search=yes, ai-train=yes", tdm_reservation=False), None),
    ],
)
def test_a_directive_counts_when_it_is_for_us(signals: Signals, word: str | None) -> None:
    assert find_reservation(signals) == word
