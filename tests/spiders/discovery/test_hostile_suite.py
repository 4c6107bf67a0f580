"""Bombs and hostile XML as pages, feeds and sitemaps: a crawl takes them for what they are, and goes on."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from storage.model.source import Discovery, DiscoveryKind
from storage.warc.record import WarcResponse
from tests.shared import SUITES, CountCases, needs_shared, read_cases
from tests.spiders.crawling import Run, card, task_of
from tests.spiders.press import Press, Reply, feed
from tests.spiders.wire.test_big_bodies import peak_kib
from tests.warc_records import of_type

SUITE = SUITES / "security"
P = "http://paper.test"
BROKEN = ("truncated.", "badcrc.", "bad-crc")

pytestmark = needs_shared


def test_a_bomb_costs_neither_memory_nor_its_neighbours_and_is_called_one(
    tmp_path: Path, count_cases: CountCases
) -> None:
    cases = read_cases("security/bombs")
    coded = {case["file"]: case for case in cases if "file is" not in case["content_encoding"]}
    with Press() as press:
        for name, case in coded.items():
            headers = (("Content-Type", "text/html"), ("Content-Encoding", case["content_encoding"]))
            press.put(f"{P}/{name}", Reply(200, (SUITE / name).read_bytes(), headers))
        for case in cases:
            if case["file"] not in coded:
                press.put(f"{P}/{case['file']}", (SUITE / case["file"]).read_bytes())
        press.put(f"{P}/neighbour", "<p>a page")
        press.put(f"{P}/feed", feed(*(f"{P}/{name}" for name in coded), f"{P}/neighbour"))
        maps = [Discovery(kind="sitemap", url=f"{P}/{case['file']}") for case in cases if case["file"] not in coded]
        source = card(discoveries=(*maps, Discovery(kind="feed", url=f"{P}/feed")))
        run = Run(press, task_of(tmp_path, source))
        peak = peak_kib(run)
        run.wait()
    assert peak < 512 * 1024
    outcomes = run.outcomes()
    assert outcomes[f"{P}/neighbour"].state == "captured"
    for name, case in coded.items():
        outcome = outcomes[f"{P}/{name}"]
        assert outcome.state == "captured", "what crossed the wire is whole"
        if (case["expands_to"] or 0) > 64 * 1024 * 1024:
            assert outcome.flags[:1] == ("too_large",), name
        elif Path(name).name.startswith(BROKEN):
            assert outcome.flags[:1] == ("undecodable",), name
        else:
            assert outcome.body_digest is not None, name
    stored = {record.target_uri: record for record in of_type(run.records(), WarcResponse)}
    for name in coded:
        assert stored[f"{P}/{name}"].read_http()[1] == (SUITE / name).read_bytes()
    count_cases("security/bombs", len(cases))


def test_hostile_xml_reads_no_file_calls_nobody_and_is_told_of(tmp_path: Path, count_cases: CountCases) -> None:
    cases = read_cases("security/xml")
    with socket.create_server(("127.0.0.1", 0)) as canary, Press() as press:
        canary.setblocking(False)
        port = b"%d" % canary.getsockname()[1]
        discoveries = []
        for case in cases:
            content = (SUITE / case["file"]).read_bytes().replace(b"CANARY", port)
            press.put(f"{P}/{case['file']}", Reply(200, content, (("Content-Type", "application/xml"),)))
            kind: DiscoveryKind = "sitemap" if "sitemap" in case["file"] else "feed"
            discoveries.append(Discovery(kind=kind, url=f"{P}/{case['file']}"))
        run = Run(press, task_of(tmp_path, card(discoveries=tuple(discoveries))))
        peak = peak_kib(run)
        run.wait()
        with pytest.raises(BlockingIOError):
            canary.accept()
    assert peak < 200 * 1024
    outcomes = run.outcomes()
    warned = {json.loads(line)["url"] for line in run.err.splitlines() if '"dtd not followed"' in line}
    for case in cases:
        url = f"{P}/{case['file']}"
        if case["attack"]:
            assert url in warned or outcomes[url].state == "failed", case
        else:
            assert outcomes[url].state == "captured", case
    learned = " ".join(outcomes)
    assert "root:" not in learned
    assert Path("/etc/hostname").read_text().strip() not in learned
    count_cases("security/xml", len(cases), "crawled")
