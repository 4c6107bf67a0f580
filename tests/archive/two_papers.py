"""A whole night of two small newspapers, copied into a separate bucket with what a test leaves out or damages."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive, read_s3_settings
from hemeroteca.archive.crawling.plan import RunRef
from storage.model.errors import FixityError, RunFailedError
from storage.objects import S3Settings
from storage.table_reads import read_table
from tests.archive.homes import FIRST, clean_workers, make_home, open_home, pass_night, run_of
from tests.conftest import flip_bit, replace_object, s3_client
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
        work = tasks.SHARD_WORK | {"clean": partial(tasks.clean_shard, workers=clean_workers())}
        for step in ("crawl", "clean", "publish"):
            for shard in shards if step not in without else ():
                with suppress(FixityError):  # as Airflow has it: the next step is taken in any case
                    work[step](self.archive, shard)
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


BucketOf = Callable[..., Night]


def crawl_evidence(home: Path, s3: S3Settings) -> dict[str, bytes]:
    """Return every object that a whole night of the two, of two articles each, leaves in the bucket."""
    with Press() as press:
        for name in ("aa-one", "bb-two"):
            press.put(f"http://{name}.test/feed", feed("/a", "/b"))
            for path in ("a", "b"):
                press.put(f"http://{name}.test/{path}", page(next(_numbers)))
        with open_home(make_home(home, *CARDS), s3, connect_to=press.connect_to[0]) as archive:
            assert {planned.crawl.id for planned in pass_night(archive)} == {ONE, TWO}
            tasks.judge_run(archive, run_of(archive))
            return {key: archive.store.read(key) for key in archive.store.list_keys("")}


def copy_night(evidence: dict[str, bytes], home: Path, s3: S3Settings, *without: str) -> Night:
    """Copy *evidence* but for keys that begin with one of *without*."""
    client = s3_client(s3)
    for key, content in evidence.items():
        if not key.startswith(without):
            said = {"sha256": hashlib.sha256(content).hexdigest()}  # as Store.put_new has it
            client.put_object(Bucket=s3.bucket, Key=s3.prefix + key, Body=content, Metadata=said)
    return Night(open_home(make_home(home, *CARDS), s3), evidence)
