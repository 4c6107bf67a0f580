"""The sources of a shard are begun one after the other, and none waits for those after it."""

from __future__ import annotations

from pathlib import Path

from hemeroteca.archive.crawling.plan import read_plan
from storage.objects import S3Settings
from storage.spool import attempt_lock, create_attempt
from tests.archive.homes import Origin, demo_card, make_home, manifests, open_home, plan, run_of
from tests.archive.running_crawl import Crawling
from tests.waiting import wait_for


def test_a_source_that_cannot_be_begun_yet_keeps_no_other_from_its_crawl(
    tmp_path: Path, s3_settings: S3Settings, origin: Origin
) -> None:
    shared = [demo_card(name, hosts=[f"{name}.hemeroteca.test", "shared.test"]) for name in ("courier", "faro")]
    archive = open_home(make_home(tmp_path / "home", *shared), s3_settings, connect_to=origin.newspapers.connect_to)
    run = run_of(archive)
    (shard,) = plan(archive, run)
    first, second = (one.crawl.id for one in read_plan(archive, run).shards[0])
    busy = attempt_lock(create_attempt(archive.settings.home.spool, second, "0123abcd"))
    assert busy.acquire()
    crawling = Crawling(archive, shard)
    wait_for(lambda: bool(list(archive.settings.home.spool.glob(f"{first}/*/ended.json"))))
    busy.release()
    crawling.join()
    assert crawling.fault is None
    assert {manifest.crawl.id for manifest in manifests(archive.store).values()} == {first, second}
    archive.close()
