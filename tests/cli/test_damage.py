"""Damage to a home and its bucket: the doctor names the file or the object, and the fix it names works."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.objects import S3Settings, Store
from tests.cli.conftest import Run
from tests.cli.test_doctor_command import findings
from tests.conftest import s3_client
from tests.data.bucket_1 import put_tables_1

Damage = Callable[[Path], object]
CUT: Damage = lambda file: file.write_bytes(file.read_bytes()[:20_000])  # noqa: E731
NOISE: Damage = lambda file: file.write_bytes(b"no database " * 4_000)  # noqa: E731
EMPTY: Damage = lambda file: file.write_bytes(b"")  # noqa: E731


def settle(path: Path) -> Path:
    """Return the one database that matches, its write-ahead log gone: what is damaged is all there is of it."""
    for left in [*path.parent.glob("*-wal"), *path.parent.glob("*-shm")]:
        left.unlink()
    (file,) = path.parent.glob(path.name)
    return file


@pytest.mark.parametrize("damage", [CUT, NOISE, EMPTY])
def test_a_catalog_in_any_state_is_rebuilt_as_the_doctor_says(
    hemeroteca: Run, home: Path, archived: dict[str, str], damage: Damage
) -> None:
    before = hemeroteca("rebuild", **archived)
    assert before.returncode == 0, before.stderr
    file = settle(home / "catalog-*.sqlite")
    damage(file)
    found = findings(hemeroteca("doctor", "--json", **archived).stdout)
    assert not found["catalog"]["well"] and found["coordination"]["well"]
    assert "rebuild" in str(found["catalog"]["fix"])
    if damage is EMPTY:  # that one is made anew when it is opened
        assert "the catalog was recreated and lacks crawls" in str(found["catalog"]["found"])
    else:
        assert str(file) in str(found["catalog"]["found"])
    again = hemeroteca("rebuild", **archived)
    assert (again.returncode, again.stdout) == (0, before.stdout), again.stderr
    assert not file.exists()
    assert len(list(home.glob("catalog*.sqlite"))) == 1
    assert all(row["well"] for row in findings(hemeroteca("doctor", "--json", **archived).stdout).values())


def test_a_rebuild_from_a_bucket_that_is_not_there_leaves_no_file(
    hemeroteca: Run, home: Path, archived: dict[str, str]
) -> None:
    assert hemeroteca("rebuild", **archived).returncode == 0
    before = sorted(home.glob("catalog*"))
    said = hemeroteca("rebuild", **archived | {"s3_bucket": "not-there"})
    assert said.returncode == 2
    assert sorted(home.glob("catalog*")) == before


@pytest.mark.parametrize("damage", [CUT, NOISE])
def test_a_damaged_coordination_is_mended_as_the_doctor_says(
    hemeroteca: Run, home: Path, archived: dict[str, str], damage: Damage
) -> None:
    before = hemeroteca("rebuild", **archived)
    damage(settle(home / "coordination.sqlite"))
    found = findings(hemeroteca("doctor", "--json", **archived).stdout)
    assert not found["coordination"]["well"] and not found["catalog"]["well"]
    assert str(home / "coordination.sqlite") in str(found["coordination"]["found"])
    assert "coordination" in str(found["catalog"]["fix"])
    move, rebuild = re.findall("`(.*?)`", str(found["coordination"]["fix"]))
    subprocess.run(move.split(), check=True)
    assert rebuild.endswith("rebuild")
    assert not findings(hemeroteca("doctor", "--json", **archived).stdout)["catalog"]["well"]  # which is in use?
    again = hemeroteca("rebuild", **archived)
    assert (again.returncode, again.stdout) == (0, before.stdout), again.stderr
    assert all(row["well"] for row in findings(hemeroteca("doctor", "--json", **archived).stdout).values())


def test_objects_that_the_bucket_has_no_more_are_named(
    hemeroteca: Run, archived: dict[str, str], s3_settings: S3Settings
) -> None:
    assert hemeroteca("rebuild", **archived).returncode == 0
    gone, cut, *_ = sorted(Store(s3_settings).list_keys("warc/"))
    client = s3_client(s3_settings)
    client.delete_object(Bucket=s3_settings.bucket, Key=s3_settings.prefix + gone)
    whole = Store(s3_settings).read(cut)
    client.put_object(Bucket=s3_settings.bucket, Key=s3_settings.prefix + cut, Body=whole[: len(whole) // 2])
    said = hemeroteca("doctor", "--json", **archived)
    assert said.returncode == 1
    found = findings(said.stdout)
    assert [part for part, row in found.items() if not row["well"]] == ["objects"]
    assert str(found["objects"]["found"]).endswith(f"gone or of another size: {gone}, {cut}")
    again = hemeroteca("rebuild", **archived)
    assert again.stdout.startswith("rebuilt: 17 captures")  # it reads none of them
    assert again.returncode == 1 and f"{gone}, {cut}" in again.stderr


def test_a_damaged_manifest_and_evidence_without_one_are_named(
    hemeroteca: Run, archived: dict[str, str], s3_settings: S3Settings
) -> None:
    assert hemeroteca("rebuild", **archived).returncode == 0
    gone, damaged = sorted(Store(s3_settings).list_keys("manifests/crawl/2026/11/24/"))
    client = s3_client(s3_settings)
    client.delete_object(Bucket=s3_settings.bucket, Key=s3_settings.prefix + gone)
    client.put_object(Bucket=s3_settings.bucket, Key=s3_settings.prefix + damaged, Body=b"{}")
    long_after = archived | {"today": "2026-12-24"}
    said = hemeroteca("--demo", "rebuild", **long_after)
    assert said.returncode == 1
    assert said.stdout.startswith("rebuilt: 5 captures")
    assert f"not rebuilt: {damaged}: " in said.stderr
    assert "4 objects are of crawls that have no manifest: index/demo-courier/" in said.stderr
    found = findings(hemeroteca("--demo", "doctor", "--json", **long_after).stdout)
    assert [part for part, row in found.items() if not row["well"]] == ["manifests", "commits"]
    assert damaged in str(found["manifests"]["found"])
    said = hemeroteca("--demo", "status", "--night", "2026-11-24", **long_after)
    assert "damaged manifests of 2026-11-24 are not in the catalog: `hemeroteca --demo doctor`" in said.stderr


def test_tables_of_an_older_schema_are_counted(
    hemeroteca: Run, archived: dict[str, str], s3_settings: S3Settings
) -> None:
    assert hemeroteca("rebuild", **archived).returncode == 0
    put_tables_1(Store(s3_settings))
    found = findings(hemeroteca("doctor", "--json", **archived).stdout)
    assert [part for part, row in found.items() if not row["well"]] == ["tables"]
    assert found["tables"]["found"] == "2 of 2 nights lack rows or newer columns, from 2026-11-23 to 2026-11-24"
    assert hemeroteca("rebuild", **archived).returncode == 0
    assert findings(hemeroteca("doctor", "--json", **archived).stdout)["tables"]["well"]


def test_the_doctor_compares_the_catalog_with_the_whole_bucket(
    hemeroteca: Run, home: Path, archived: dict[str, str]
) -> None:
    assert hemeroteca("rebuild", **archived).returncode == 0
    settle(home / "catalog-*.sqlite").unlink()
    assert "not in the archive" not in hemeroteca("get", "http://faro.hemeroteca.test/robots.txt", **archived).stderr
    found = findings(hemeroteca("doctor", "--json", **archived).stdout)
    assert [part for part, row in found.items() if not row["well"]] == ["catalog"]
    assert "lacks crawls from 2026-11-23 on" in str(found["catalog"]["found"])
    assert "rebuild" in str(found["catalog"]["fix"])
    assert hemeroteca("rebuild", **archived).returncode == 0
    assert all(row["well"] for row in findings(hemeroteca("doctor", "--json", **archived).stdout).values())
