"""Another S3 that is set up wrongly: each command says which variable to mend, before it starts anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

WRONG = [
    ({"s3_bucket": "not-there"}, "HEMEROTECA_S3_BUCKET: not-there does not exist at http"),
    ({"s3_access_key": "nobody"}, "HEMEROTECA_S3_ACCESS_KEY: "),
    ({"s3_secret_key": "wrong"}, "HEMEROTECA_S3_SECRET_KEY: "),
]
COMMANDS = [["up"], ["nightly"], ["crawl", "http://a.test/"], ["rebuild"], ["reextract"]]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize(("changes", "said"), WRONG, ids=["bucket", "key", "secret"])
def test_what_is_wrong_is_named(
    hemeroteca: Run, home: Path, bucket: dict[str, str], command: list[str], changes: dict[str, str], said: str
) -> None:
    ended = hemeroteca("--demo", *command, **bucket | changes)
    assert ended.returncode == 2, ended
    assert said in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert bucket["s3_secret_key"] not in ended.stderr
    assert not (home / "airflow/scheduler.log").exists()


def test_a_misspelt_variable_is_warned_of(hemeroteca: Run) -> None:
    said = hemeroteca("--demo", "sources", "list", contakt="me@example.org")
    assert said.returncode == 0
    assert said.stderr == (
        "hemeroteca: warning: HEMEROTECA_CONTAKT: no such setting, so it does nothing; "
        "did you mean HEMEROTECA_CONTACT?\n"
    )
