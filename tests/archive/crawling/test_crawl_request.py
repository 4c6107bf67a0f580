"""A crawl that somebody asks for: what the form may say, and whose each address is."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.crawling.crawl_request import plan_request
from hemeroteca.archive.crawling.plan import RunRef, read_plan
from storage.model.errors import SeedError
from storage.objects import S3Settings
from tests.archive.homes import demo_card, make_home, open_home

RUN = RunRef(dag_id="crawl_on_demand", run_id="manual__2026-03-01T03:00:00+00:00")


@pytest.fixture
def archive(tmp_path: Path, s3_settings: S3Settings) -> Iterator[Archive]:
    home = make_home(tmp_path / "home", demo_card("faro"), demo_card("courier", enabled=False))
    archive = open_home(home, s3_settings)
    yield archive
    archive.close()


def test_addresses_go_to_the_newspaper_on_whose_host_they_lie(archive: Archive) -> None:
    own, foreign = "http://faro.hemeroteca.test/reportajes/a", "https://elsewhere.test/b"
    plan_request(archive, RUN, {"urls": [own, foreign], "sources": ["demo-courier"], "page_budget": 3})
    made = {one.source.id: one for one in read_plan(archive, RUN).crawls()}
    assert {name: (one.urls, one.only_urls) for name, one in made.items()} == {
        "demo-courier": ((), False),
        "demo-faro": ((own,), True),
        "adhoc": ((foreign,), True),
    }
    assert all(one.page_budget == 3 and one.crawl.trigger == "manual" for one in made.values())
    assert made["adhoc"].source.hosts == ("elsewhere.test",)


@pytest.mark.parametrize("name", ["aa-first", "zz-last"])
def test_an_address_goes_to_the_card_that_is_enabled(archive: Archive, name: str) -> None:
    card = demo_card("faro", id=name, enabled=False)
    archive.settings.home.make_folder(archive.settings.home.seeds)
    (archive.settings.home.seeds / f"{name}.yaml").write_text(yaml.safe_dump(card))
    plan_request(archive, RUN, {"urls": ["http://faro.hemeroteca.test/reportajes/a"]})
    assert [one.source.id for one in read_plan(archive, RUN).crawls()] == ["demo-faro"]


def test_an_address_goes_to_its_newspaper_with_or_without_www_and_in_letters_of_its_language(archive: Archive) -> None:
    card = demo_card("faro", id="es-ano", homepage="http://www.año.test/", hosts=["www.año.test"])
    archive.settings.home.make_folder(archive.settings.home.seeds)
    (archive.settings.home.seeds / "es-ano.yaml").write_text(yaml.safe_dump(card))
    urls = ("http://año.test/a", "http://www.xn--ao-zja.test/b", "http://A%C3%91O.test/c", "http://m.año.test/d")
    plan_request(archive, RUN, {"urls": list(urls)})
    made = {one.source.id: one.urls for one in read_plan(archive, RUN).crawls()}
    own = ("http://xn--ao-zja.test/a", "http://www.xn--ao-zja.test/b", "http://xn--ao-zja.test/c")
    assert made == {"es-ano": own, "adhoc": ("http://m.xn--ao-zja.test/d",)}


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        ({}, "name at least one newspaper"),
        ({"urls": ["ftp://a.test/"]}, "^Addresses, entry 1: "),
        ({"urls": ["http://a.test:99999/"]}, "^Addresses, entry 1: .*from 1 to 65535"),
        (
            {"urls": ["http://a.test/", "http://a.test:x/"]},
            "^Addresses, entry 2: .*: its port is not a number",
        ),
        ({"urls": ["http://a.test:25/"]}, "^Addresses, entry 1: .*port 25"),
        ({"urls": ["http://a b/"]}, "^Addresses, entry 1: .*not a valid host name"),
        ({"urls": ["http://a!b.test/"]}, "^Addresses, entry 1: .*not a valid host name"),
        ({"urls": ["http://[::1/"]}, "^Addresses, entry 1: "),
        ({"urls": ["http://me:secret@a.test/"]}, "^Addresses, entry 1: a.test: must not contain a user name"),
        ({"sources": ["demo-faro"], "page_budget": 0}, "^Page budget: must be 1 or more, not 0$"),
        ({"sources": ["demo-faro"], "page_budget": -1}, "^Page budget: must be 1 or more, not -1$"),
        ({"sources": ["demo-faro"], "page_budget": "all"}, "^Page budget: must be a whole number, not 'all'$"),
        ({"sources": ["demo-faro"], "source": 3}, "source: no such field; did you mean sources"),
        ({"sources": ["nobody"]}, "nobody: no such source"),
        (
            {"sources": ["demo-faro"], "since": "2026-02-02", "until": "2026-02-01"},
            "2026-02-02, is after the last",
        ),
        ({"sources": ["demo-faro"], "until": "2026-03-02"}, "the night of 2026-03-02 has not come yet"),
        ({"sources": ["demo-faro"], "since": "2020-01-01", "until": "2026-02-01"}, "more than 366 nights"),
        ({"urls": ["http://a.test/"], "since": "2026-02-01"}, "for past nights name newspapers, not addresses"),
    ],
)
def test_a_wrong_request_is_refused(archive: Archive, request_: dict[str, Any], said: str) -> None:
    with pytest.raises(SeedError, match=said):
        plan_request(archive, RUN, request_)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://Bücher.test/a", "xn--bcher-kva.test"),
        ("http://ex%61mple.test/a", "example.test"),
        ("http://[::1]:8080/a", "::1"),
        ("http://0x7f.1/a", "127.0.0.1"),
    ],
)
def test_an_address_is_filed_under_the_host_that_is_looked_up(archive: Archive, url: str, host: str) -> None:
    plan_request(archive, RUN, {"urls": [url]})
    (made,) = read_plan(archive, RUN).crawls()
    assert made.source.hosts == (host,)
