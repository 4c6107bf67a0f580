"""The embedded S3 server keeps what it acknowledged, listens on loopback alone and leaves nothing running."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path

import pytest

from hemeroteca.services.seaweed import durable, embedded_s3
from storage.objects import Store
from storage.spool import process_started

LISTENING = "0A"
LOOPBACK = "0100007F"


def pid_of(home: Path) -> int:
    state = json.loads((home / "s3/state.json").read_text())
    return int(state["pid"])


def listeners(pid: int) -> list[str]:
    """Return the addresses (hex) that the process listens on."""
    inodes = {str(entry.readlink()) for entry in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for table in ("tcp", "tcp6") for line in Path(f"/proc/net/{table}").read_text().splitlines()]
    return [row[1].split(":")[0] for row in rows if row[3] == LISTENING and f"socket:[{row[9]}]" in inodes]


def test_what_was_stored_is_there_after_a_restart_with_the_same_keys(tmp_path: Path) -> None:
    with embedded_s3(tmp_path) as first:
        Store(first).put_new("warc/a", b"kept", schema="warc/1.1")
        durable(tmp_path)
    with embedded_s3(tmp_path) as second:
        assert Store(second).read("warc/a") == b"kept"
        assert (second.access_key, second.secret_key) == (first.access_key, first.secret_key)
    assert (tmp_path / "s3/credentials.json").stat().st_mode & 0o777 == 0o600


def test_a_second_user_of_the_home_meets_the_running_server(tmp_path: Path) -> None:
    with embedded_s3(tmp_path) as first:
        with embedded_s3(tmp_path) as second:
            assert second.endpoint_url == first.endpoint_url
        assert process_started(pid_of(tmp_path)) is not None


def test_it_listens_on_loopback_alone_and_is_gone_when_stopped(tmp_path: Path) -> None:
    with embedded_s3(tmp_path):
        pid = pid_of(tmp_path)
        found = listeners(pid)
        assert found
        assert set(found) == {LOOPBACK}
    assert process_started(pid) is None
    assert not (tmp_path / "s3/state.json").exists()


@pytest.mark.parametrize("objects", [30])
def test_nothing_acknowledged_is_lost_when_it_is_killed(tmp_path: Path, objects: int) -> None:
    with embedded_s3(tmp_path) as settings:
        store = Store(settings)
        for number in range(objects):
            store.put_new(f"warc/{number}", b"%d" % number, schema="warc/1.1")
        os.kill(pid_of(tmp_path), signal.SIGKILL)
    with embedded_s3(tmp_path) as settings:
        store = Store(settings)
        assert [store.read(f"warc/{number}") for number in range(objects)] == [b"%d" % n for n in range(objects)]
