"""Every door asks who may read, and none keeps a reader waiting for ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.routing import APIRoute
from starlette.testclient import TestClient

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.reading import access
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from hemeroteca.web import reading
from hemeroteca.web.application import Doors, Options
from storage.catalog import Catalog
from storage.model.errors import StorageError
from tests.web.conftest import ARTICLE, READING, REPLAY, Clients

DOORS = {
    "/cdx": (f"/cdx?url={ARTICLE}", "/cdx?url=*.faro.test&page=0", f"/cdx?url={ARTICLE}&sort=closest&closest=2026"),
    "/cdx/search/cdx": (f"/cdx/search/cdx?url={ARTICLE}&resolveRevisits=true",),
    "/web/timemap/{form}/{address:path}": tuple(f"/web/timemap/{form}/{ARTICLE}" for form in ("link", "json", "cdxj")),
    "/web/{address:path}": (f"/web/{ARTICLE}", f"/web/20260301020000id_/{ARTICLE}"),
}
"""What is asked of each route; a new route must be listed here."""


def test_every_route_is_a_door_that_is_tried(indexed: Clients) -> None:
    doors = indexed.reading.app
    assert isinstance(doors, Doors)
    routes = {route.path for app in doors.applications for route in app.routes if isinstance(route, APIRoute)}
    assert routes == DOORS.keys()


@pytest.mark.parametrize("path", [path for paths in DOORS.values() for path in paths])
def test_no_door_forgets_to_ask_who_may_read(indexed: Clients, monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    for client in (indexed.reading, indexed.replay):
        assert client.get(path).status_code in (200, 302) or client is indexed.replay
    monkeypatch.setattr(reading, "may_read", lambda role, urlkey: False)
    for client in (indexed.reading, indexed.replay):
        answer = client.get(path)
        assert answer.status_code == 404 or answer.text == ""


def test_today_everybody_who_is_let_in_may_read() -> None:
    assert access.may_read("public", "test,faro)/")


@pytest.fixture
def impatient(tmp_path: Path) -> Iterator[TestClient]:
    with Archive(Settings(home=Home(tmp_path / "home"), demo=True, s3_bucket="none")) as archive:
        archive.catalog.count_rows()
        yield TestClient(Doors(archive, Options(8481, threads=1, answer_seconds=0.2)), READING)


def test_a_catalog_that_does_not_answer_is_503_and_come_back(
    impatient: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended = threading.Event()
    monkeypatch.setattr(Catalog, "list_captures", lambda *_: iter([ended.wait(30)]))
    answer = impatient.get("/cdx/search/cdx?url=a.test")
    ended.set()
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")


def test_a_store_that_fails_is_503(impatient: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise StorageError("catalog: database is locked")

    monkeypatch.setattr(Catalog, "list_captures", fail)
    answer = impatient.get("/cdx/search/cdx?url=a.test")
    assert (answer.status_code, answer.json()) == (503, {"message": "catalog: database is locked"})


def test_what_is_ours_cannot_be_framed_or_guessed_at(indexed: Clients) -> None:
    headers = indexed.reading.get(f"/cdx?url={ARTICLE}").headers
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize(("root", "origin"), [("/archive", None), ("", "https://bytes.example.org")])
def test_behind_a_proxy_addresses_are_those_that_readers_see(indexed: Clients, root: str, origin: str | None) -> None:
    doors = indexed.reading.app
    assert isinstance(doors, Doors)
    archive = doors.applications[0].state.door.archive
    client = TestClient(Doors(archive, Options(8481, origin, root)), READING, follow_redirects=False)
    location = client.get(f"{root}/web/{ARTICLE}").headers["location"]
    assert location == f"{origin or REPLAY}{root}/web/20260304020000id_/{ARTICLE}"
