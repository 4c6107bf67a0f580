"""One stack for the session: newspapers in this process, and a home whose `hemeroteca up` crawls them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hemeroteca.demo import Newspapers
from tests.e2e.home import Home
from tests.e2e.nights import Nights
from tests.e2e.presses import DeadlyPress


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests that need the stack stopped after all that need it running."""
    items.sort(key=lambda item: "stopped" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session")
def press() -> Iterator[DeadlyPress]:
    with DeadlyPress() as press:
        yield press


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, press: DeadlyPress) -> Iterator[Home]:
    """The home; two small shards hold all its sources, so that one crawl process has several of them."""
    path = tmp_path_factory.mktemp("e2e") / "home"
    with Newspapers(path / "demo/ledger.jsonl", night_file=path / "today") as newspapers:
        connect_to = ",".join([*press.rules, newspapers.connect_to])
        home = Home(path, HEMEROTECA_CONNECT_TO=connect_to, HEMEROTECA_CRAWL_SLOTS="1", HEMEROTECA_GRACE_SECONDS="5")
        home.start()
        try:
            yield home
        finally:
            if home.up.poll() is None:
                home.stop()


@pytest.fixture(scope="session")
def nights(home: Home) -> Nights:
    return Nights(home)


@pytest.fixture(scope="session")
def demo_archive(nights: Nights) -> Path:
    """The home of a demo with two nights crawled, at least."""
    nights.crawl(2)
    return nights.home.path


@pytest.fixture(scope="session")
def stopped(nights: Nights) -> Home:
    """The home with three nights at least, its servers stopped."""
    nights.crawl(3)
    assert nights.home.stop() == 0
    return nights.home
