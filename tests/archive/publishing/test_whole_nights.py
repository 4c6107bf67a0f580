"""Green means whole: a night that lacks something is red and says what, and a later run heals what it can."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.crawling.late import read_marks
from hemeroteca.archive.crawling.plan import RunRef, read_plan
from hemeroteca.archive.keeping_apart import Troubles
from hemeroteca.archive.publishing.healing import heal_nights, read_healed
from hemeroteca.archive.publishing.late_commits import commit_late
from hemeroteca.archive.publishing.tables import update_night_tables
from hemeroteca.archive.unhealed import read_unhealed
from storage.model.errors import FixityError, RunFailedError, StorageError
from storage.night_tables import read_table
from tests.archive.homes import FIRST, make_home, open_home, pass_night, run_of
from tests.conftest import S3Server, flip_bit, replace_object, s3_client
from tests.spiders.press import Press, feed

ONE, TWO = "aa-one-20260301-nightly", "bb-two-20260301-nightly"
TEXTS = ("documents/source=aa-one", "manifests/text/2026/03/01/aa-one", "memory/aa-one", "tables/")
"""What a night has not when one of its newspapers was not cleaned."""
ARTICLES = 2
_numbers = count(1)


def page(number: int) -> str:
    sentences = "".join(
        f"<p>The council voted on {day} to open bridge {number} again, the mayor said, after two years of repairs.</p>"
        for day in ("Monday", "Tuesday", "Wednesday", "Friday")
    )
    return f"<html><title>Bridge {number} opens</title><article><h1>Bridge {number} opens</h1>{sentences}</article>"


def card(name: str) -> dict[str, Any]:
    home = f"http://{name}.test"
    return {
        "id": name,
        "title": name,
        "homepage": f"{home}/",
        "language": "en",
        "discoveries": [{"kind": "feed", "url": f"{home}/feed"}],
        "delay_seconds": 0,
        "allow_private": True,
    }


CARDS = [card("aa-one"), card("bb-two")]


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory, s3_server: S3Server) -> dict[str, bytes]:
    """Every object that a whole night of two newspapers, of two articles each, leaves in the bucket."""
    with Press() as press:
        for name in ("aa-one", "bb-two"):
            press.put(f"http://{name}.test/feed", feed("/a", "/b"))
            for path in ("a", "b"):
                press.put(f"http://{name}.test/{path}", page(next(_numbers)))
        home = make_home(tmp_path_factory.mktemp("whole") / "home", *CARDS)
        with open_home(home, s3_server.new_prefix(), connect_to=press.connect_to[0]) as archive:
            assert {planned.crawl.id for planned in pass_night(archive)} == {ONE, TWO}
            tasks.judge_run(archive, run_of(archive))
            return {key: archive.store.read(key) for key in archive.store.list_keys("")}


class Night(NamedTuple):
    """A bucket with some of that evidence, in a home of its own that knows nothing of it yet."""

    archive: Archive
    evidence: dict[str, bytes]

    def key(self, *words: str) -> str:
        """Return the one key that has all *words* in it."""
        [found] = [key for key in self.evidence if all(word in key for word in words)]
        return found

    def flip(self, key: str) -> None:
        flip_bit(read_s3_settings(self.archive.settings), key, len(self.evidence[key]) // 2)

    def mend(self, key: str) -> None:
        replace_object(read_s3_settings(self.archive.settings), key, self.evidence[key])

    def run(self, name: str, *, without: tuple[str, ...] = ()) -> str:
        """Run the night, but for steps that die each time, and return why it is red."""
        run = run_of(self.archive, name)
        shards = tasks.plan_night(self.archive, run)
        for step in ("crawl", "clean", "publish"):
            for shard in shards if step not in without else ():
                with suppress(FixityError):  # as Airflow has it: the next step is taken in any case
                    tasks.SHARD_WORK[step](self.archive, shard)
        if "tables" not in without:
            tasks.build_tables(self.archive, run)
        return self.judge(run)

    def judge(self, run: RunRef) -> str:
        try:
            tasks.judge_run(self.archive, run)
        except RunFailedError as error:
            return str(error)
        return ""

    def documents(self) -> list[str]:
        """Return which newspapers the documents in the night's table are of."""
        found: list[str] = read_table(self.archive.store, "documents", FIRST)["source_id"].to_pylist()
        return sorted(found)


@pytest.fixture
def bucket_of(evidence: dict[str, bytes], s3_server: S3Server, tmp_path: Path) -> Iterator[Callable[..., Night]]:
    opened: list[Archive] = []

    def make(*without: str) -> Night:
        s3 = s3_server.new_prefix()
        client = s3_client(s3)
        for key, content in evidence.items():
            if not key.startswith(without):
                client.put_object(Bucket=s3.bucket, Key=s3.prefix + key, Body=content)
        opened.append(open_home(make_home(tmp_path / "home", *CARDS), s3))
        return Night(opened[0], evidence)

    yield make
    opened[0].close()


BucketOf = Callable[..., Night]


def test_a_night_that_was_never_cleaned_is_red_and_the_same_night_again_heals_it_and_says_so(
    bucket_of: BucketOf,
) -> None:
    night = bucket_of(*TEXTS)
    assert night.run("first", without=("clean",)) == "aa-one: its crawl is committed and not cleaned"
    assert night.documents() == ["bb-two"] * ARTICLES
    assert read_unhealed(night.archive, FIRST) == {ONE: "aa-one: its crawl is committed and not cleaned"}
    again = run_of(night.archive, "again")
    tasks.take_steps(night.archive, again, tasks.plan_night(night.archive, again))
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES
    assert tasks.build_tables(night.archive, again)["healed"] == [ONE]
    assert read_healed(night.archive, again) == ONE
    assert read_unhealed(night.archive, FIRST) == {}


def test_what_was_never_published_is_red_and_healed_by_the_same_night(bucket_of: BucketOf) -> None:
    night = bucket_of()
    assert night.run("first", without=("publish", "tables")) == "; ".join(
        f"{name}: its {what} is committed and not published"
        for name in ("aa-one", "bb-two")
        for what in ("crawl", "cleaning")
    )
    assert night.run("again") == ""
    assert len(night.archive.catalog.find_crawls(FIRST)) == 2


def test_tables_that_were_never_written_are_red_and_written_by_the_same_night(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    assert night.run("first", without=("tables",)) == "the tables of 2026-03-01 are not up to date"
    assert night.run("again") == ""
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES


def test_what_another_run_commits_meanwhile_does_not_redden_this_one(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    assert night.run("first") == ""
    by_hand = "cc-three-20260301T100000Z-manual-0badcafe"
    night.archive.store.put_new(f"manifests/crawl/2026/03/01/{by_hand}.json", b"{}", schema="manifest/1")
    assert night.judge(run_of(night.archive, "first")) == ""
    assert read_unhealed(night.archive, FIRST) == {}
    for key in list(night.archive.store.list_keys("tables/ledger")):
        night.archive.store.put_derived(key, b"", schema="ledger/2")
    assert night.judge(run_of(night.archive, "first")) == "the tables of 2026-03-01 are not up to date"


def test_a_later_night_heals_the_last_seven_and_says_so(bucket_of: BucketOf) -> None:
    first = bucket_of(*TEXTS)
    first.run("first", without=("clean", "publish", "tables"))
    for days, healed in ((8, []), (7, [ONE, TWO, "tables of 2026-03-01"]), (1, [])):
        night = FIRST + timedelta(days=days)
        s3 = read_s3_settings(first.archive.settings)
        with open_home(first.archive.settings.home.path, s3, night) as archive:
            run = run_of(archive, "later")
            assert tasks.plan_night(archive, run, only=["aa-one"])
            assert tasks.build_tables(archive, run)["healed"] == healed
            assert (read_unhealed(archive, FIRST) == {}) == (days < 8)
    assert first.judge(run_of(first.archive, "first")) == ""


def test_what_stays_damaged_is_not_said_to_be_healed(bucket_of: BucketOf) -> None:
    first = bucket_of("tables/")
    first.flip(first.key("ledger/", "aa-one"))
    first.run("first")
    s3 = read_s3_settings(first.archive.settings)
    with open_home(first.archive.settings.home.path, s3, FIRST + timedelta(days=1)) as archive:
        assert heal_nights(archive, FIRST + timedelta(days=1), Troubles()) == []
        first.mend(first.key("ledger/", "aa-one"))
        assert heal_nights(archive, FIRST + timedelta(days=1), Troubles()) == [ONE, "tables of 2026-03-01"]


def test_of_two_newspapers_with_one_damaged_index_the_other_is_whole_and_the_key_is_named(bucket_of: BucketOf) -> None:
    night = bucket_of(*TEXTS)
    index = night.key("aa-one", ".cdxj.gz")
    night.flip(index)
    why = night.run("first")
    assert re.fullmatch(rf"aa-one: its crawl is committed and not cleaned: {re.escape(index)}: .*SHA-256.*", why)
    assert night.documents() == ["bb-two"] * ARTICLES
    assert [row.source_id for row in night.archive.catalog.find_crawls(FIRST)] == ["bb-two"]
    night.mend(index)
    assert night.run("again") == ""
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES


@pytest.mark.parametrize("words", [("ledger/", "aa-one"), ("documents/", "aa-one"), ("manifests/text", "aa-one")])
def test_a_damaged_object_is_left_out_of_the_tables_until_it_reads_again(
    bucket_of: BucketOf, words: tuple[str, ...]
) -> None:
    night = bucket_of("tables/")
    hurt = night.key(*words)
    night.flip(hurt)
    why = night.run("first")
    assert hurt in why and "bb-two" not in why and "tables of" not in why.replace("in the tables of", "")
    sources = read_table(night.archive.store, "ledger", FIRST)["source_id"].to_pylist()
    assert set(sources) == ({"bb-two"} if hurt.startswith("ledger") else {"aa-one", "bb-two"})
    assert update_night_tables(night.archive, FIRST), "written again until all rows are there"
    night.mend(hurt)
    assert night.run("again") == ""
    assert not update_night_tables(night.archive, FIRST)
    assert night.documents() == ["aa-one"] * ARTICLES + ["bb-two"] * ARTICLES


def test_what_is_late_and_damaged_is_in_the_tables_as_far_as_it_can_be_read(bucket_of: BucketOf) -> None:
    night = bucket_of(*TEXTS)
    manifest = night.key("manifests/crawl", "aa-one")
    night.flip(night.key("aa-one", ".cdxj.gz"))
    night.archive.coordination.write_note(f"late/{manifest}", night.evidence[manifest].decode())
    troubles = Troubles()
    assert commit_late(night.archive, troubles=troubles) == []
    assert read_marks(night.archive) == [], "what is durably there waits for nothing"
    assert [name for name, _ in troubles.found] == []
    assert "aa-one" in read_table(night.archive.store, "ledger", FIRST)["source_id"].to_pylist()


def test_a_damaged_manifest_is_told_and_its_sibling_is_whole(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    hurt = night.key("manifests/crawl", "aa-one")
    replace_object(read_s3_settings(night.archive.settings), hurt, night.evidence[hurt][:300])
    why = night.run("first")
    assert why.startswith(f"aa-one: {hurt}: ")
    assert "bb-two" not in why
    assert night.documents() == ["bb-two"] * ARTICLES


def test_pages_that_were_lost_to_damage_are_counted(bucket_of: BucketOf) -> None:
    night = bucket_of(*TEXTS)
    warc = night.key("warc/aa-one")
    replace_object(read_s3_settings(night.archive.settings), warc, night.evidence[warc][:300])
    lost = "2 of its pages are not cleaned, for their records are damaged"
    assert night.run("first").startswith(f"aa-one: {lost}: manifests/text/")
    tasks.plan_night(night.archive, run_of(night.archive, "again"))
    assert read_plan(night.archive, run_of(night.archive, "again")).lacking == (ONE,), "they may read again"


def test_tables_of_the_same_manifests_are_not_written_again(bucket_of: BucketOf) -> None:
    night = bucket_of("tables/")
    assert night.run("first") == ""
    assert not update_night_tables(night.archive, FIRST)
    night.archive.store.put_new("manifests/crawl/2026/03/01/cc-three-20260301-nightly.json", b"{}", schema="manifest/1")
    assert update_night_tables(night.archive, FIRST)


def test_a_run_in_this_process_goes_on_after_a_step_that_failed(
    bucket_of: BucketOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = bucket_of("tables/")
    tried: list[str] = []

    def failing(_: Archive, shard: str) -> None:
        tried.append(shard)
        raise StorageError("away")

    monkeypatch.setitem(tasks.SHARD_WORK, "clean", failing)
    run = run_of(night.archive, "first")
    shards = tasks.plan_night(night.archive, run)
    tasks.take_steps(night.archive, run, shards)
    assert tried == [shard for shard in shards for _ in range(tasks.MOST_TRIES)]
    assert len(night.archive.catalog.find_crawls(FIRST)) == 2


@pytest.mark.parametrize(
    ("errors", "raised"),
    [((), None), ((FixityError("a"),), "a"), ((FixityError("a"), StorageError("b"), StorageError("c")), "b")],
)
def test_an_error_of_the_store_is_raised_before_others_once_all_is_done(
    errors: tuple[Exception, ...], raised: str | None
) -> None:
    troubles = Troubles()
    for error in errors:
        with troubles.keep_apart("failed", "x"):
            raise error
    if raised is None:
        troubles.raise_first()
        return
    with pytest.raises((FixityError, StorageError), match=f"^{raised}$"):
        troubles.raise_first()
