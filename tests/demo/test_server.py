"""The demo server: it logs before it sends, honours validators, frames bodies and stops cleanly."""

from __future__ import annotations

import gzip
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import yaml

from hemeroteca.configuration import CHECKOUT
from hemeroteca.demo import PAPERS, Newspapers, read_served_log
from hemeroteca.demo.stories import Story, build_edition
from storage.model.source import Source
from tests.demo.reading import Reader, reading
from tests.waiting import HANGS_SECONDS, wait_for

TONIGHT = date(2026, 3, 1)
FARO = PAPERS[0]


def story_of(treatment: str) -> Story:
    return next(story for story in build_edition(FARO, TONIGHT) if story.treatment == treatment)


def test_every_response_is_in_the_log_with_its_nonce_in_the_order_sent(tmp_path: Path) -> None:
    ledger = tmp_path / "deep" / "ledger.jsonl"
    begun = datetime.now(UTC)
    with reading(Newspapers(ledger, TONIGHT)) as reader:
        plain = reader.read(FARO, "/?from=here", User_Agent="a reader")
        missing = reader.read(FARO, "/nothing", If_None_Match='"x"')
        rows = read_served_log(ledger)
    assert [row.nonce for row in rows] == [plain.headers["X-Nonce"], missing.headers["X-Nonce"]]
    assert rows[0].nonce != rows[1].nonce
    first, second = rows
    assert (first.host, first.method, first.path, first.status) == (FARO.host, "GET", "/?from=here", 200)
    assert (first.user_agent, first.conditional) == ("a reader", False)
    assert (second.path, second.status, second.conditional) == ("/nothing", 404, True)
    assert begun <= first.time <= second.time <= datetime.now(UTC) and first.time.tzinfo


def test_what_the_log_cannot_take_is_not_sent() -> None:
    newspapers = Newspapers(Path("/dev/full"), TONIGHT)
    with newspapers, socket.create_connection(("127.0.0.1", newspapers.port), timeout=HANGS_SECONDS) as connection:
        connection.sendall(f"GET / HTTP/1.1\r\nHost: {FARO.host}\r\n\r\n".encode())
        assert connection.recv(1) == b""


def test_a_log_line_that_is_still_being_written_is_left_out(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with reading(Newspapers(ledger, TONIGHT)) as reader:
        reader.read(FARO, "/")
    whole = ledger.read_bytes()
    ledger.write_bytes(whole + whole[:40])
    assert len(read_served_log(ledger)) == 1
    assert read_served_log(tmp_path / "none") == []


def test_an_etag_is_answered_with_304_and_no_body() -> None:
    path = story_of("etag").path
    with reading(Newspapers(night=TONIGHT)) as reader:
        packed = reader.read(FARO, path, Accept_Encoding="gzip")
        plain = reader.read(FARO, path)
        assert packed.headers["Content-Encoding"] == "gzip" and gzip.decompress(packed.body) == plain.body
        assert packed.headers["ETag"] != plain.headers["ETag"]  # two representations
        again = reader.read(FARO, path, Accept_Encoding="gzip", If_None_Match=packed.headers["ETag"])
        assert (again.status, again.body, again.headers["ETag"]) == (304, b"", packed.headers["ETag"])
        assert reader.read(FARO, path, Accept_Encoding="gzip", If_None_Match='"other"').status == 200


def test_a_date_is_answered_with_304_until_it_is_older() -> None:
    story = story_of("dated")
    with reading(Newspapers(night=TONIGHT)) as reader:
        modified = reader.read(FARO, story.path).headers["Last-Modified"]
        assert reader.read(FARO, story.path, If_Modified_Since=modified).status == 304
        earlier = (story.published - timedelta(seconds=1)).astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        assert reader.read(FARO, story.path, If_Modified_Since=earlier).status == 200
        # If-None-Match alone counts where both are sent (RFC 9110, 13.2.2)
        assert reader.read(FARO, story.path, If_Modified_Since=modified, If_None_Match='"x"').status == 200
        assert reader.read(FARO, story.path, If_Modified_Since="yesterday").status == 200
        assert reader.read(FARO, story.path, If_Modified_Since="Tue, 01 Jan 2030 00:00:00 -0000").status == 200


def test_a_story_without_validators_never_answers_304() -> None:
    with reading(Newspapers(night=TONIGHT)) as reader:
        page = reader.read(FARO, story_of("plain").path)
        assert not {"ETag", "Last-Modified"} & page.headers.keys()
        since = "Tue, 01 Jan 2030 00:00:00 GMT"
        assert reader.read(FARO, story_of("plain").path, If_Modified_Since=since).status == 200


def test_chunked_bodies_come_in_more_than_one_chunk() -> None:
    with Newspapers(night=TONIGHT) as newspapers:
        for treatment, accepts in (("chunked", "identity"), ("chunked_gzip", "gzip")):
            path = story_of(treatment).path
            with socket.create_connection(("127.0.0.1", newspapers.port), timeout=HANGS_SECONDS) as connection:
                asked = f"GET {path} HTTP/1.1\r\nHost: {FARO.host}\r\nAccept-Encoding: {accepts}\r\n\r\n"
                connection.sendall(asked.encode())
                wire = b""
                while not wire.endswith(b"\r\n0\r\n\r\n"):
                    wire += connection.recv(65536)
            head, _, body = wire.partition(b"\r\n\r\n")
            assert b"Transfer-Encoding: chunked" in head and b"Content-Length" not in head
            assert body.startswith(b"5dc\r\n") and body.count(b"\r\n") >= 4
            assert (b"Content-Encoding: gzip" in head) == (accepts == "gzip")


def test_a_connection_is_kept_for_the_next_request_even_after_an_error() -> None:
    with reading(Newspapers(night=TONIGHT)) as reader:
        reader.read(FARO, "/")
        port = reader.connection.sock.getsockname()[1]
        assert reader.read(FARO, FARO.feature_path(FARO.pages["faulty"])).status == 500
        assert reader.read(FARO, "/rss.xml").status == 200
        assert reader.connection.sock.getsockname()[1] == port


def test_an_unknown_host_is_misdirected_and_a_form_is_not_taken(tmp_path: Path) -> None:
    ledger = tmp_path / "ledger.jsonl"
    with Newspapers(ledger, TONIGHT) as newspapers:
        for method, body, host, status in (("GET", None, "elsewhere.test", 421), ("POST", b"a=b", FARO.host, 501)):
            connection = http.client.HTTPConnection("127.0.0.1", newspapers.port, timeout=HANGS_SECONDS)
            connection.request(method, "/comments", body=body, headers={"Host": host})
            assert connection.getresponse().status == status
            connection.close()
    assert [(row.host, row.status) for row in read_served_log(ledger)] == [("elsewhere.test", 421), (FARO.host, 501)]


def test_a_head_request_has_the_headers_of_the_page_and_no_body() -> None:
    with reading(Newspapers(night=TONIGHT)) as reader:
        page = reader.read(FARO, "/robots.txt")
        reader.connection.request("HEAD", "/robots.txt", headers={"Host": FARO.host})
        response = reader.connection.getresponse()
        assert response.read() == b""
        assert response.headers["Content-Length"] == page.headers["Content-Length"] == str(len(page.body))


def test_the_end_closes_idle_connections_and_leaves_no_thread() -> None:
    before = threading.active_count()
    with Newspapers(night=TONIGHT) as newspapers:
        reader = Reader(newspapers.port)
        reader.read(FARO, "/")
    assert threading.active_count() == before
    assert reader.connection.sock.recv(1) == b""
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", newspapers.port))


def test_the_process_serves_a_later_night_without_a_restart_and_ends_on_sigterm(tmp_path: Path) -> None:
    port_file, night_file, ledger = (tmp_path / name for name in ("port", "night", "ledger"))
    command: list[str | Path] = [sys.executable, "-m", "hemeroteca.demo", "--port-file", port_file, "--ledger", ledger]
    # another seed of hash(): the pages must not depend on it
    environment = os.environ | {"HEMEROTECA_TODAY": str(TONIGHT), "PYTHONHASHSEED": "7"}
    process = subprocess.Popen([*command, "--night-file", night_file], env=environment, stdout=subprocess.PIPE)
    try:
        wait_for(port_file.exists)
        reader = Reader(int(port_file.read_text()))
        first = reader.read(FARO, "/rss.xml")
        night_file.write_text(f"{TONIGHT + timedelta(days=1)}\n")
        second = reader.read(FARO, "/rss.xml")
        assert first.body != second.body and len(read_served_log(ledger)) == 2
        with reading(Newspapers(night=TONIGHT)) as here:
            assert here.read(FARO, "/rss.xml").body == first.body
        process.send_signal(signal.SIGTERM)
        said, _ = process.communicate(timeout=HANGS_SECONDS)
        assert process.returncode == 0
        assert said.decode().strip() == f":80:127.0.0.1:{int(port_file.read_text())}"
    finally:
        process.kill()
        process.wait()


def test_the_demo_cards_are_these_papers() -> None:
    cards = {
        card.id: card
        for path in (CHECKOUT / "seeds" / "demo").glob("*.yaml")
        for card in [Source.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))]
    }
    assert cards.keys() == {paper.id for paper in PAPERS}
    for paper in PAPERS:
        card = cards[paper.id]
        assert (card.title, card.language, card.hosts) == (paper.title, paper.language, (paper.host,))
        assert card.allow_private and card.delay_seconds == 0.05 and card.recent_days == 3
        with reading(Newspapers(night=TONIGHT)) as reader:
            paths = [discovery.url.removeprefix(paper.url("")) for discovery in card.discoveries]
            assert [reader.read(paper, path).status for path in paths] == [200] * 6
