"""Addresses that lead inside: no spelling, name, redirect or sitemap makes a connection to one."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from scrapy.exceptions import UnsupportedURLSchemeError
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IHostnameResolver
from zope.interface import implementer

from spiders.policy.scope import clean_url
from spiders.wire.addresses import is_public
from storage.model.errors import FetchRefused
from storage.model.source import Discovery
from tests.shared import CountCases, needs_shared, read_cases
from tests.spiders.crawling import CHECKOUT, Run, card, task_of
from tests.spiders.lab import Lab, event_loop
from tests.spiders.press import Press, Reply, feed

PUBLIC = "93.184.216.34"
P = "http://paper.test"


@pytest.fixture
def attempts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the reactor was told to connect to; nothing is."""
    event_loop()
    from twisted.internet import reactor

    made: list[str] = []

    def connect(host: str, *arguments: Any, **options: Any) -> None:
        made.append(host)
        raise OSError("no network in this test")

    monkeypatch.setattr(reactor, "connectTCP", connect)
    return made


@needs_shared
def test_no_spelling_of_a_special_address_is_connected_to(
    tmp_path: Path, attempts: list[str], count_cases: CountCases
) -> None:
    cases = read_cases("security/ssrf")
    lab = Lab(tmp_path)
    for case in cases:
        url = clean_url(case["url"])
        if not case["must_block"]:
            assert url is not None, case
            assert is_public(case["address"]), case
        elif url is not None:
            fetched = lab.fetch(url, allow_private=False)
            refused = isinstance(fetched.error, (FetchRefused, UnsupportedURLSchemeError))
            assert refused or (fetched.outcome is not None and fetched.outcome.reason == "dns"), case
    assert attempts == []
    count_cases("security/ssrf", len(cases))
    lab.recorder.close("src")


@implementer(IHostnameResolver)
class Names:
    """Every name has these addresses."""

    def __init__(self, *addresses: str) -> None:
        self._addresses = addresses

    def resolveHostName(self, receiver: Any, host: str, port: int = 0, *_: Any, **__: Any) -> Any:
        receiver.resolutionBegan(self)
        for address in self._addresses:
            receiver.addressResolved((IPv6Address if ":" in address else IPv4Address)("TCP", address, port))
        receiver.resolutionComplete()
        return self


@pytest.mark.parametrize("private", ["127.0.0.1", "::1", "10.0.0.1", "64:ff9b::7f00:1"])
def test_of_a_name_with_several_addresses_only_the_public_one_is_connected_to(
    tmp_path: Path, attempts: list[str], private: str
) -> None:
    from twisted.internet import reactor

    lab = Lab(tmp_path)
    installed = reactor.installNameResolver(Names(private, PUBLIC, private))
    try:
        lab.fetch("http://mixed.test/", allow_private=False)
    finally:
        reactor.installNameResolver(installed)
    assert attempts == [PUBLIC]
    lab.close()


_NETWORK = """
import json, os, socket

names = json.loads(os.environ["TEST_NAMES"])
real_addresses = socket.getaddrinfo
socket.getaddrinfo = lambda host, *others, **more: real_addresses(names.get(host, host), *others, **more)
from twisted.internet.posixbase import PosixReactorBase

real_connect = PosixReactorBase.connectTCP

def connectTCP(self, host, port, factory, **options):
    with open(os.environ["TEST_CONNECTIONS"], "a") as file:
        print(host, file=file)
    if host == os.environ["TEST_PUBLIC"]:
        host, port = "127.0.0.1", int(os.environ["TEST_PORT"])
    return real_connect(self, host, port, factory, **options)

PosixReactorBase.connectTCP = connectTCP
"""
"""Runs in the crawl process: names have the addresses of the test, and the public one is where the press is."""


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def ways_inside(port: int) -> list[str]:
    """Return addresses of the machine itself, as others may write them."""
    return [f"http://127.0.0.1:{port}/", f"http://[::ffff:127.0.0.1]:{port}/", f"http://[64:ff9b::7f00:1]:{port}/"]


def publish_traps(press: Press, port: int) -> None:
    """A newspaper whose redirects, feed, sitemaps and robots.txt lead inside; ``/last`` is an article like others."""
    inside = ways_inside(port)
    odd = ["file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/plain,x"]
    idn = [f"http://１２７.０.０.１:{port}/", f"http://①②⑦.⓪.⓪.①:{port}/", f"http://[fe80::1%25lo]:{port}/"]
    targets = [*inside, *odd, *idn, f"http://inside.test:{port}/"]
    articles = [f"{P}/{n}" for n in range(len(targets))]
    for url, target in zip(articles, targets, strict=True):
        press.put(url, Reply(302, b"", (("Location", target.encode().decode("latin-1")),)))
    press.redirect(f"{P}/chain", f"{P}/0")
    press.put(f"{P}/last", "<p>goes on")
    press.put(f"{P}/robots.txt", f"Sitemap: http://127.0.0.1:{port}/robots-map.xml\n")
    others = [f"{P}/chain", "http://mixed.test/a", *inside, f"http://inside.test:{port}/page", f"{P}/last"]
    press.put(f"{P}/feed", feed(*articles, *others))
    press.put(f"{P}/map", "<urlset>" + "".join(f"<url><loc>{url}</loc></url>" for url in inside) + "</urlset>")


def crawl_among(press: Press, tmp_path: Path, names: dict[str, str]) -> Run:
    """Crawl the newspaper in a process that knows *names* alone and notes where it connects to."""
    source = card(
        hosts=["paper.test", "inside.test", "127.0.0.1"], allow_private=False,
        discoveries=(Discovery(kind="feed", url=f"{P}/feed"), Discovery(kind="sitemap", url=f"{P}/map")),
    )  # fmt: skip
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "sitecustomize.py").write_text(_NETWORK)
    environment = {
        "TEST_NAMES": json.dumps(names), "TEST_CONNECTIONS": str(tmp_path / "connections"), "TEST_PUBLIC": PUBLIC,
        "TEST_PORT": press.connect_to[0].rpartition(":")[2], "PYTHONPATH": f"{CHECKOUT}:{tmp_path / 'site'}",
    }  # fmt: skip
    return Run(press, task_of(tmp_path, source), environment=environment).wait()


def test_no_redirect_name_or_sitemap_leads_inside(tmp_path: Path, canary: socket.socket) -> None:
    port = canary.getsockname()[1]
    with Press() as press:
        publish_traps(press, port)
        run = crawl_among(press, tmp_path, {"paper.test": PUBLIC, "inside.test": "127.0.0.1"})
    assert set((tmp_path / "connections").read_text().split()) == {PUBLIC}
    with pytest.raises(BlockingIOError):
        canary.accept()
    ends = run.ends()
    assert ends[f"{P}/last"] == "captured"
    for url in (ways_inside(port)[0], f"http://inside.test:{port}/", f"http://inside.test:{port}/page"):
        assert ends[url].startswith("refused"), url
    assert ends[f"http://inside.test:{port}/page"] == "refused private_address"
    refused = [json.loads(line) for line in run.err.splitlines() if '"address refused"' in line]
    assert {(event["host"], event["address"]) for event in refused} >= {
        ("127.0.0.1", "127.0.0.1"),
        ("inside.test", "127.0.0.1"),
    }
