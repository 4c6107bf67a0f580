"""A few pages of the demo crawled in process, and read back by command and from Python."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pytest
from warcio.archiveiterator import ArchiveIterator

import hemeroteca
from hemeroteca.demo.papers import PAPERS
from hemeroteca.demo.site import respond
from hemeroteca.home import Home
from hemeroteca.services.seaweed import use_embedded_s3
from storage.model.errors import NotArchivedError
from tests.cli.conftest import COMMAND, Run, Said, call, environment
from tests.waiting import HANGS_SECONDS

COURIER = "http://courier.hemeroteca.test"
PAGE = f"{COURIER}/features/the-old-customs-house-reopens"
MISSING = f"{COURIER}/nothing"
TODAY = date(2026, 3, 1)


def run_today(home: Path, *arguments: str, stdin: str = "") -> Said:
    return call(home, "--demo", *arguments, stdin=stdin, today=str(TODAY))


def crawl_pages(home: Path) -> None:
    asked = f"# pages to keep\n{COURIER}/features/old-customs-house\n\n{MISSING}\n"
    said = run_today(home, "crawl", "-f", "-", "--json", stdin=asked)
    assert said.returncode == 1, said.stderr  # one of them was not captured
    *answers, row = [json.loads(line) for line in said.stdout.splitlines()]
    assert [(one["state"], one["reason"]) for one in answers] == [("captured", None), ("failed", "http_404")]
    assert (row["source"], row["trigger"], row["failed"], row["documents"]) == ("demo-courier", "manual", 1, 1)
    assert "Red: 1 of 2 addresses named were not captured" in said.stderr
    told = [line for line in said.stderr.splitlines() if line.startswith("demo-courier: ")]
    assert told[0] == "demo-courier: begun" and told[-1].startswith("demo-courier: ended: "), said.stderr


@pytest.fixture(scope="module")
def crawled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A demo home, its S3 server running, that holds the redirects to one page, the page, and a 404."""
    home = tmp_path_factory.mktemp("crawled") / "home"
    crawl_pages(home)
    assert not (home / "s3/state.json").exists(), "the command left its server running"
    with use_embedded_s3(Home(home)):
        yield home


@pytest.fixture
def ask(crawled: Path) -> Run:
    return lambda *arguments: run_today(crawled, *arguments)


def test_ls_shows_time_status_digest_crawl_and_address(ask: Run) -> None:
    [line] = ask("ls", PAGE).stdout.splitlines()
    moment, status, digest, crawl, url = line.split("  ")
    assert moment.endswith("Z") and status == "200" and digest.startswith("sha1:")
    assert crawl.startswith("demo-courier-") and url == PAGE


@pytest.mark.parametrize(
    "prefix", [f"{COURIER}/features/*", "courier.hemeroteca.test/features/*", f"{COURIER}/features/"]
)
def test_ls_lists_what_lies_below_a_prefix(ask: Run, prefix: str) -> None:
    found = [json.loads(line) for line in ask("ls", "--json", prefix).stdout.splitlines()]
    assert [capture["status"] for capture in found] == [301, 301, 200]
    assert found[-1]["redirected_from"] == [capture["target_uri"] for capture in found[:-1]]


def test_ls_takes_what_lies_between_two_times(ask: Run) -> None:
    [line] = ask("ls", PAGE).stdout.splitlines()
    day = line[:10]
    assert ask("ls", PAGE, "--from", day, "--to", day).returncode == 0
    assert ask("ls", PAGE, "--to", "2020-01-01").returncode == 1
    assert ask("ls", PAGE, "--from", "2100-01-01").returncode == 1


def test_text_is_exactly_the_bytes_of_its_digest(ask: Run) -> None:
    text = ask("get", PAGE).output
    document = json.loads(ask("get", PAGE, "--as", "document").stdout)
    assert document["text"].encode() == text
    assert document["text_digest"] == f"sha256:{hashlib.sha256(text).hexdigest()}"
    assert document["url"] == PAGE
    assert document["location"]["key"].startswith("warc/demo-courier/")
    assert document["extractor"]["name"] and document["software"]["version"]


def test_raw_is_the_body_that_the_newspaper_sent(ask: Run) -> None:
    [paper] = [paper for paper in PAPERS if paper.id == "demo-courier"]
    sent = respond(paper, PAGE.removeprefix(COURIER), TODAY).body
    assert ask("get", PAGE, "--as", "raw").output == sent


def test_warc_is_the_stored_member_and_its_request(ask: Run) -> None:
    member = ask("get", PAGE, "--as", "warc").output
    both = ask("get", PAGE, "--as", "warc", "--with-request").output
    assert both.startswith(member) and len(gzip.decompress(both)) > len(gzip.decompress(member))
    records = [(record.rec_type, record.rec_headers["WARC-Target-URI"]) for record in ArchiveIterator(io.BytesIO(both))]
    assert records == [("response", PAGE), ("request", PAGE)]


@pytest.mark.parametrize(
    ("arguments", "status", "line"),
    [
        (["ls", f"{COURIER}/never"], 1, f"hemeroteca: {COURIER}/never: not in the archive"),
        (["get", f"{COURIER}/never"], 1, f"hemeroteca: {COURIER}/never: not in the archive"),
        (["get", MISSING], 1, "has no document"),
        (["get", PAGE, "--at", "noon"], 2, "must be ISO 8601"),
        (["get", PAGE, "--with-request"], 2, "--with-request belongs to --as warc"),
        (["crawl", "ftp://courier.hemeroteca.test/"], 2, "must be an absolute http or https address"),
        (["crawl", "--source", "demo-none"], 2, "sources: demo-none: no such source"),
        (["crawl", MISSING], 1, "Next: `hemeroteca --demo failures"),
        (["nightly", "--night", "2999-01-01"], 2, "has not come yet"),
        (["status", "--night", "2020-01-01"], 1, "nothing was crawled that night"),
    ],
)  # fmt: skip
def test_what_cannot_be_answered_is_one_line(ask: Run, arguments: list[str], status: int, line: str) -> None:
    said = ask(*arguments)
    assert said.returncode == status
    assert line in said.stderr
    assert "Traceback" not in said.stderr


def test_python_reads_the_same(ask: Run, crawled: Path) -> None:
    with hemeroteca.open_archive(home=crawled, demo=True) as archive:
        page = archive.get(PAGE, at="2100-01-01")
        assert page.text.encode() == ask("get", PAGE).output
        assert page.raw() == ask("get", PAGE, "--as", "raw").output
        assert page.warc() == ask("get", PAGE, "--as", "warc").output
        assert [capture.record_id for capture in archive.captures(PAGE)] == [page.capture.record_id]
        documents = archive.documents(night=page.document.night)
        assert pa.RecordBatchReader.from_stream(documents).read_all()["url"].to_pylist() == [PAGE]
        assert archive.documents(night="2020-01-01").read_all().num_rows == 0
        assert archive.documents(until="2020-01-01").read_all().num_rows == 0
        assert archive.documents(since="2020-01-01", source_id="demo-courier").read_all().num_rows == 1
        assert archive.documents(source_id="demo-tribune").read_all().num_rows == 0
        assert (archive.nights(), archive.sources()) == ([TODAY], ["demo-courier"])
        urls = archive.sql("SELECT url FROM documents WHERE night = ?", [str(TODAY)])
        assert urls.to_pandas()["url"].tolist() == [PAGE]
        with pytest.raises(NotArchivedError):
            archive.get(f"{COURIER}/never")


def test_an_article_is_cited_with_its_evidence(ask: Run, crawled: Path) -> None:
    member = hashlib.sha256(ask("get", PAGE, "--as", "warc").output).hexdigest()
    with hemeroteca.open_archive(home=crawled, demo=True) as archive:
        for style in ("apa", "bibtex", "csl-json"):
            said = ask("cite", PAGE, "--style", style)
            assert said.returncode == 0 and said.stdout == archive.cite(PAGE, style=style) + "\n"
            assert f"SHA-256 {member}" in said.stdout and archive.get(PAGE).capture.record_id in said.stdout
        [item] = json.loads(archive.cite(PAGE, "2100-01-01", "csl-json"))
    assert item["title"].startswith("The old customs house reopens") and item["container-title"] == "The Vale Courier"
    assert ask("cite", PAGE).stdout.count("\n") == 1
    bare = ask("cite", MISSING)
    assert bare.returncode == 0 and bare.stdout.startswith("[Article without a title]. (n.d.). The Vale Courier. http")
    assert ask("cite", f"{COURIER}/never").returncode == 1
    assert ask("cite", PAGE, "--style", "mla").returncode == 2


def test_python_says_that_there_is_no_archive_and_makes_none(tmp_path: Path) -> None:
    with pytest.raises(NotArchivedError, match="there is no archive yet"):
        hemeroteca.open_archive(home=tmp_path / "none")
    assert not (tmp_path / "none").exists()


def test_rebuild_brings_everything_back(ask: Run, crawled: Path) -> None:
    before = ask("ls", "--json", "*").stdout
    for file in crawled.glob("catalog*.sqlite*"):
        file.unlink()
    assert ask("ls", "*").returncode == 1
    assert ask("rebuild").stdout.startswith("rebuilt: ")
    assert ask("ls", "--json", "*").stdout == before


def test_failures_groups_what_was_not_captured_by_its_reason_and_says_what_to_do(ask: Run) -> None:
    said = ask("failures")
    assert said.returncode == 0, said.stderr
    title, _, what, where, advice, *_, last = said.stdout.splitlines()
    assert title == "Night of 2026-03-01"
    assert re.fullmatch(r"\d failed \(http_404\): the site says 404: there is no such page", what)
    assert where.startswith("  demo-courier ") and advice == "  Nothing to do."
    assert last.startswith("Addresses: `") and MISSING not in said.stdout
    for asked in (("--urls",), ("--reason", "http_404"), ("--source", "demo-courier", "--reason", "http_404")):
        assert f"  {MISSING}" in ask("failures", *asked).stdout.splitlines()
    assert ask("failures", "--source", "demo-faro").stdout.splitlines()[-1].startswith("every address")


def test_failures_as_json_has_a_row_for_each_address(ask: Run) -> None:
    rows = [json.loads(line) for line in ask("failures", "--json").stdout.splitlines()]
    row = next(row for row in rows if row["url"] == MISSING)
    assert (row["state"], row["reason"], row["status"], row["source_id"]) == ("failed", "http_404", 404, "demo-courier")
    assert all(row["state"] in ("failed", "refused", "skipped") and row["meaning"] for row in rows)
    nothing = ask("failures", "--night", "2026-02-01")
    assert nothing.returncode == 1 and "nothing was crawled that night" in nothing.stderr


def test_a_limit_says_after_which_capture_to_go_on(ask: Run) -> None:
    whole = ask("ls", f"{COURIER}/*").stdout.splitlines()
    assert len(whole) > 2
    said, found = ask("ls", f"{COURIER}/*", "--limit", "2"), []
    while "--after" in said.stderr:
        found += said.stdout.splitlines()
        after = said.stderr.split()[-1]
        said = ask("ls", f"{COURIER}/*", "--limit", "2", "--after", after)
    assert said.returncode == 0 and found + said.stdout.splitlines() == whole
    assert ask("ls", f"{COURIER}/*", "--limit", str(len(whole))).stderr == "", "nothing was cut"


def test_ls_takes_what_a_newspaper_and_a_night_brought(ask: Run) -> None:
    whole = ask("ls", "*").stdout
    assert ask("ls", "*", "--source", "demo-courier", "--night", str(TODAY)).stdout == whole
    for condition in (("--source", "demo-faro"), ("--night", "2020-01-01")):
        said = ask("ls", "*", *condition)
        assert (said.returncode, said.stdout) == (1, "") and "not in the archive" in said.stderr


def test_an_address_with_another_answer_says_which_one_answered(ask: Run) -> None:
    twin = PAGE.replace("http://", "https://www.")
    told = f"hemeroteca: {twin}: answered by {PAGE}, which differs only in http, https or www\n"
    listed, got = ask("ls", twin, "--json"), ask("get", twin)
    assert json.loads(listed.stdout)["found_by"] == "twin"
    assert json.loads(ask("ls", PAGE, "--json").stdout)["found_by"] == "address"
    assert listed.stderr == got.stderr == told
    assert got.output == ask("get", PAGE).output and ask("get", PAGE).stderr == ""


def test_a_reader_that_goes_away_ends_a_listing_quietly(crawled: Path) -> None:
    call = [COMMAND, "--demo", "ls", "*", "--json"]
    process = subprocess.Popen(
        call, env=environment(crawled, today=str(TODAY)), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    process.wait(HANGS_SECONDS)
