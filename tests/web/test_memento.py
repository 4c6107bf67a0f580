"""Memento (RFC 7089): TimeGates and TimeMaps, by what their headers and lines say."""

from __future__ import annotations

import re

import pytest

from tests.web.conftest import ARTICLE, READING, REPLAY, Clients

GATE = f"{READING}/web/{ARTICLE}"


def links(header: str) -> dict[str, str]:
    """Return the addresses of a Link header by each of their relations."""
    found = re.findall(r'<([^>]*)>; rel="([^"]*)"', header)
    return {rel: address for address, rels in found for rel in rels.split() if rel != "memento" or rels == "memento"}


def memento(stamp: str, url: str = ARTICLE) -> str:
    return f"{REPLAY}/web/{stamp}id_/{url}"


@pytest.mark.parametrize(
    ("accepted", "stamp"),
    [
        (None, "20260304020000"),
        ("Mon, 02 Mar 2026 02:00:00 GMT", "20260302020000"),
        ("Mon, 02 Mar 2026 13:00:00 GMT", "20260302020000"),
        ("Thu, 01 Jan 1970 00:00:00 GMT", "20260301020000"),
        ("Fri, 01 Jan 2100 00:00:00 GMT", "20260304020000"),
        ("Sun, 01 Mar 2026 03:00:00 +0100", "20260301020000"),
    ],
)
def test_a_timegate_leads_to_the_memento_nearest_in_time(indexed: Clients, accepted: str | None, stamp: str) -> None:
    answer = indexed.reading.get(f"/web/{ARTICLE}", headers={"accept-datetime": accepted} if accepted else {})
    assert (answer.status_code, answer.headers["location"]) == (302, memento(stamp))
    assert answer.headers["vary"] == "accept-datetime"
    assert "memento-datetime" not in answer.headers


def test_a_timegate_names_all_that_belongs_together(indexed: Clients) -> None:
    answer = indexed.reading.head(f"/web/{ARTICLE}", headers={"accept-datetime": "Mon, 02 Mar 2026 02:00:00 GMT"})
    assert links(answer.headers["link"]) == {
        "original": ARTICLE,
        "timegate": GATE,
        "timemap": f"{READING}/web/timemap/link/{ARTICLE}",
        "first": memento("20260301020000"),
        "prev": memento("20260301020000"),
        "memento": memento("20260302020000"),
        "next": memento("20260303020000", "https://www.faro.test/news/one.html"),
        "last": memento("20260304020000"),
    }


@pytest.mark.parametrize(
    "path",
    [ARTICLE, "http:/faro.test/news/one.html", "faro.test/news/one.html", "https%3A//faro.test/news/one.html"],
)
def test_an_address_is_understood_as_clients_and_proxies_spell_it(indexed: Clients, path: str) -> None:
    assert indexed.reading.get(f"/web/{path}").headers["location"] == memento("20260304020000")


def test_a_time_that_is_not_exact_leads_to_the_one_that_is(indexed: Clients) -> None:
    for asked in ("2026", "20260304020000", "20260304030000id_", "20260304020001mp_"):
        answer = indexed.reading.get(f"/web/{asked}/{ARTICLE}")
        nearest = "20260301020000" if asked == "2026" else "20260304020000"
        assert (answer.status_code, answer.headers["location"]) == (302, memento(nearest))


def test_what_is_wrong_or_missing_is_said(indexed: Clients) -> None:
    wrong = indexed.reading.get(f"/web/{ARTICLE}", headers={"accept-datetime": "yesterday"})
    assert (wrong.status_code, wrong.headers["vary"]) == (400, "accept-datetime")
    missing = indexed.reading.get("/web/http://nobody.test/")
    assert (missing.status_code, missing.headers["vary"]) == (404, "accept-datetime")
    assert indexed.reading.get("/web/timemap/link/http://nobody.test/").status_code == 404
    assert indexed.reading.get(f"/web/timemap/foo/{ARTICLE}").json() == {"message": "output=foo not supported"}
    assert indexed.reading.get(f"/web/timemap/link/2/{ARTICLE}").status_code == 404


def test_a_timemap_lists_every_memento(indexed: Clients) -> None:
    answer = indexed.reading.get(f"/web/timemap/link/{ARTICLE}")
    assert answer.headers["content-type"].startswith("application/link-format")
    lines = answer.text.splitlines()
    assert lines[0] == f'<{ARTICLE}>; rel="original",'
    assert lines[1] == f'<{GATE}>; rel="timegate",'
    assert lines[2].startswith(
        f'<{READING}/web/timemap/link/{ARTICLE}>; rel="self"; type="application/link-format"; from="Sun, 01'
    )
    assert [re.findall('rel="([^"]*)"', line)[0] for line in lines[3:]] == [
        "first memento", "memento", "memento", "last memento"
    ]  # fmt: skip
    assert not lines[-1].endswith(",")


def test_a_timemap_in_json_and_one_in_cdxj(indexed: Clients) -> None:
    told = indexed.reading.get(f"/web/timemap/json/{ARTICLE}").json()
    assert told["original_uri"] == ARTICLE
    assert [one["datetime"][:10] for one in told["mementos"]["list"]] == [f"2026-03-0{day}" for day in range(1, 5)]
    assert told["mementos"]["last"]["uri"] == memento("20260304020000")
    cdxj = indexed.reading.get(f"/web/timemap/cdxj/{ARTICLE}")
    assert [line.split()[1][:8] for line in cdxj.text.splitlines()] == [f"2026030{day}" for day in range(1, 5)]


def test_a_long_timemap_is_paged(indexed: Clients, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("memento_links", "memento_routes"):
        monkeypatch.setattr(f"hemeroteca.web.{module}.MEMENTOS_A_PAGE", 3)
    second = indexed.reading.get(f"/web/timemap/link/2/{ARTICLE}").text
    assert f'<{READING}/web/timemap/link/{ARTICLE}>; rel="timemap"' in second
    assert f'<{READING}/web/timemap/link/2/{ARTICLE}>; rel="self"' in second
    assert second.count('memento"; datetime') == 1
    assert second.rstrip().endswith('rel="last memento"; datetime="Wed, 04 Mar 2026 02:00:00 GMT"')
