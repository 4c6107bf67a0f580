"""The doctor: what it finds, and what it says to do."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hemeroteca.cli.doctor_command import check_durability
from hemeroteca.configuration import Settings
from hemeroteca.home import Home
from storage.files import write_through
from tests.cli.conftest import Run
from tests.storage.committed import Committed, DraftCrawl


def findings(said: str) -> dict[str, dict[str, object]]:
    return {row["part"]: row for row in map(json.loads, said.splitlines())}


def test_every_part_of_a_healthy_archive_is_well(hemeroteca: Run, bucket: dict[str, str]) -> None:
    said = hemeroteca("doctor", "--json", contact="me@example.org", **bucket)
    found = findings(said.stdout)
    assert " ".join(found) == (
        "home S3 objects manifests commits tables coordination catalog Airflow disk durability clock contact"
    )
    assert all(row["well"] for row in found.values()), found
    assert said.returncode == 0


def test_each_failure_names_its_fix(hemeroteca: Run, bucket: dict[str, str]) -> None:
    said = hemeroteca("doctor", **bucket | {"s3_bucket": "not-there"}, catalog="postgresql+psycopg://127.0.0.1:9/x")
    assert said.returncode == 1
    lines = said.stdout.splitlines()
    fixes = {
        line.split()[1]: lines[n + 1].split("fix", 1)[1] for n, line in enumerate(lines) if line.startswith("FAIL")
    }
    assert "HEMEROTECA_S3_BUCKET" in fixes["S3"]
    assert "HEMEROTECA_CATALOG" in fixes["coordination"]
    assert "coordination" in fixes["catalog"]
    assert "HEMEROTECA_CONTACT" in fixes["contact"]
    assert bucket["s3_secret_key"] not in said.stdout + said.stderr


def test_a_clock_behind_the_archive_is_found(
    hemeroteca: Run, bucket: dict[str, str], publish: Callable[[Committed], None]
) -> None:
    now = datetime.now(UTC)
    made = DraftCrawl(1).committed()
    crawl = made.manifest.crawl.replace(night=now.date())
    publish(made._replace(manifest=made.manifest.replace(crawl=crawl, ended=now + timedelta(hours=2))))
    found = findings(hemeroteca("--demo", "doctor", "--json", today=str(now.date()), **bucket).stdout)
    assert not found["clock"]["well"]
    assert "timedatectl" in str(found["clock"]["fix"])


@pytest.fixture
def memory_home() -> Iterator[Home]:
    """A home in a file system that nothing makes synchronous."""
    if subprocess.run(["stat", "-f", "-c", "%T", "/dev/shm"], capture_output=True, text=True).stdout != "tmpfs\n":
        pytest.skip("/dev/shm is no tmpfs")
    with TemporaryDirectory(dir="/dev/shm") as folder:
        home = Home(Path(folder) / "home")
        home.make_folder(home.s3_data)
        yield home


def test_a_store_that_a_power_cut_may_hurt_is_a_warning_and_no_failure(memory_home: Home) -> None:
    assert not write_through(memory_home.s3_data)
    finding = check_durability(Settings(home=memory_home))
    assert (finding.well, finding.is_warning) == (True, True)
    assert "power cut" in finding.found and "HEMEROTECA_HOME" in finding.fix


def test_pages_that_wait_in_the_spool_are_named(hemeroteca: Run, home: Path, bucket: dict[str, str]) -> None:
    attempt = home / "spool/demo-faro-20260301-nightly/0123abcd"
    attempt.mkdir(mode=0o700, parents=True)
    (attempt / "demo-faro-20260301-nightly-0123abcd-0.warc.gz").write_bytes(b"x" * 2048)
    said = hemeroteca("--demo", "doctor", "--json", **bucket)
    found = findings(said.stdout)["spool"]
    assert (found["well"], found["is_warning"], said.returncode) == (True, True, 0)
    assert "demo-faro-20260301-nightly" in str(found["found"]) and "nightly" in str(found["fix"])
