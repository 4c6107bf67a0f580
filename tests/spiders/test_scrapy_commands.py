"""``scrapy list``, ``scrapy crawl`` and ``scrapy shell`` from the checkout."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from spiders.crawl.attempt import read_outcome_lines
from spiders.job import Job
from spiders.manners.contact import require_contact
from storage.model.errors import SeedError
from storage.warc.reader import iter_records
from tests.spiders.crawling import CHECKOUT, card, task_of
from tests.spiders.press import Press, feed
from tests.waiting import HANGS_SECONDS

P = "http://paper.test"


def scrapy(*arguments: str, contact: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scrapy", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, "HEMEROTECA_CONTACT": contact},
        capture_output=True,
        text=True,
        timeout=HANGS_SECONDS,
    )


def test_list_names_the_spiders() -> None:
    assert {"newspaper", "survey"} <= set(scrapy("list").stdout.split())  # those of a user stand there too


def test_crawl_takes_one_card_into_its_own_spool(tmp_path: Path) -> None:
    seeds, spool = tmp_path / "seeds", tmp_path / "spool"
    seeds.mkdir()
    (seeds / "paper.yaml").write_text(
        f"id: aa-paper\ntitle: Paper\nhomepage: {P}/\nlanguage: en\nallow_private: true\ndelay_seconds: 0.01\n"
        f"discoveries:\n  - {{kind: feed, url: '{P}/feed'}}\n"
    )
    with Press() as press:
        press.put(f"{P}/feed", feed("/a"))
        press.put(f"{P}/a", "<p>a")
        where = (
            "-s",
            f"SEEDS={seeds}",
            "-s",
            f"CRAWL_SPOOL={spool}",
            "-s",
            f"CAPTURE_CONNECT_TO={press.connect_to[0]}",
        )
        done = scrapy("crawl", "newspaper", "-a", "source=aa-paper", *where)
        assert done.returncode == 0, done.stderr
        assert "no such card" in scrapy("crawl", "newspaper", "-a", "source=nobody", *where).stderr
    (ledger,) = spool.glob("aa-paper-*-manual-*/*/ledger.jsonl")
    assert {outcome.url: outcome.state for outcome in read_outcome_lines(ledger)} == {
        f"{P}/robots.txt": "captured",
        f"{P}/.well-known/tdmrep.json": "captured",
        f"{P}/feed": "captured",
        f"{P}/a": "captured",
    }


@pytest.mark.parametrize(("contact", "printed"), [("", "b'<p>a'"), ("me@archive.example", "address refused")])
def test_shell_reaches_this_machine_or_the_web_as_who_says_who_he_is_and_archives(
    tmp_path: Path, contact: str, printed: str
) -> None:
    with Press() as press:
        url = f"http://{press.connect_to[0].removeprefix(':80:')}/a"
        press.put(url, "<p>a")
        done = scrapy(
            "shell", "-s", f"CRAWL_SPOOL={tmp_path}", "-c", f"(fetch({url!r}), response.body)", contact=contact
        )
    assert printed in done.stdout + done.stderr
    targets = [record.header("WARC-Target-URI") for path in tmp_path.rglob("*.open") for record in iter_records(path)]
    assert (url in targets) is (contact == "")


def test_nobody_but_loopback_is_crawled_without_a_contact(tmp_path: Path) -> None:
    plain = Job(tasks=(task_of(tmp_path, card()),), contact=" ", software_version="0")
    with pytest.raises(SeedError, match="HEMEROTECA_CONTACT: .* paper.test"):
        require_contact(plain)
    require_contact(plain.replace(contact="https://archive.example/"))
    require_contact(plain.replace(connect_to=("paper.test:80:127.0.0.1:8080",)))
    with pytest.raises(SeedError):  # who may not be sent to loopback is not there
        require_contact(
            Job(
                tasks=(task_of(tmp_path, card(allow_private=False)),),
                contact="",
                software_version="0",
                connect_to=(":80:127.0.0.1:8080",),
            )
        )
    job = tmp_path / "job.json"
    job.write_text(plain.model_dump_json())
    done = subprocess.run([sys.executable, "-m", "spiders.run", str(job)], cwd=CHECKOUT, capture_output=True, text=True)
    assert done.returncode == 2
    assert "HEMEROTECA_CONTACT" in done.stderr
    assert json.loads(done.stdout)["reason"] == done.stderr.strip()
