"""Hosts that have IPv6 addresses alone are reached, and private ones are none the less refused."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from storage.model.source import Discovery
from tests.spiders.crawling import Run, card, patched, task_of
from tests.spiders.press import feed
from tests.spiders.raw_origin import RawOrigin, reply
from tests.spiders.wire.test_handler import counted

NAMES = """
import socket

usual = socket.getaddrinfo

def getaddrinfo(host, port, family=0, *arguments, **options):
    if host != "six.test":
        return usual(host, port, family, *arguments, **options)
    if family == socket.AF_INET:
        raise socket.gaierror(socket.EAI_NONAME, "no address of that family")
    return [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0))]

def gethostbyname(host):
    raise socket.gaierror(socket.EAI_NONAME, "no IPv4 address")

socket.getaddrinfo, socket.gethostbyname = getaddrinfo, gethostbyname
"""
"""``six.test`` has the address ::1 and no other."""


class _Nowhere(NamedTuple):
    connect_to: tuple[str, ...] = ()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no ::1")


@pytest.fixture
def origin() -> Iterator[RawOrigin]:
    actions = {"/feed": reply(counted(feed("/a").encode())), "/a": reply(counted(b"<p>a"))}
    with RawOrigin(actions, host="::1") as origin:
        yield origin


@needs_ipv6
@pytest.mark.parametrize(
    ("allow_private", "end"), [(True, "captured"), (False, "refused private_address")], ids=["allowed", "public only"]
)
def test_a_host_with_an_ipv6_address_alone_is_asked_unless_that_is_private(
    origin: RawOrigin, tmp_path: Path, allow_private: bool, end: str
) -> None:
    home = f"http://six.test:{origin.port}"
    source = card(
        homepage=f"{home}/", allow_private=allow_private, discoveries=(Discovery(kind="feed", url=f"{home}/feed"),)
    )
    run = Run(_Nowhere(), task_of(tmp_path, source), environment=patched(tmp_path, NAMES)).wait()
    assert run.ends()[f"{home}/feed"] == end
    assert run.ends().get(f"{home}/a") == ("captured" if allow_private else None)
    assert bool(origin.requests) is allow_private
    if allow_private:
        assert {record.header("WARC-IP-Address") for record in run.records() if record.type == "response"} == {"::1"}


@needs_ipv6
def test_connect_to_may_lead_to_the_ipv6_loopback(origin: RawOrigin, tmp_path: Path) -> None:
    run = Run(_Nowhere((f":80:[::1]:{origin.port}",)), task_of(tmp_path, card())).wait()
    assert run.ends()["http://paper.test/a"] == "captured"
