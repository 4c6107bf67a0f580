"""A filled catalog of an earlier release keeps its rows and is numbered."""

from __future__ import annotations

from contextlib import closing

from alembic import command
from alembic.config import Config
from sqlalchemy import text

from storage.catalog import Catalog
from storage.catalog.migrate import MIGRATIONS, first_name
from storage.coordination import Coordination
from storage.database import create_database, open_engine, parse_database_url, reading, writing
from tests.storage.committed import HOME, DraftCrawl
from tests.storage.known_rows import find_known

_CRAWL = """
INSERT INTO crawls (manifest_key, crawl_id, source_id, night, trigger, started, ended, end_reason, discovered,
                    wire_bytes, late, stands)
VALUES (:key, :key, :source, '2026-02-01', 'nightly', :ended, :ended, 'finished', 1, 1, FALSE, TRUE)
"""
_STATE = """
INSERT INTO url_state (source_id, url_id, late_manifest, url, looks, last_night, last_state, last_purpose, last_fetched,
                       last_crawl, held_rank, held_fetched, held_crawl, record_id, target_uri, date, payload_digest)
VALUES ('demo-faro', 'id', '', 'http://a.test/', 1, '2026-02-01', 'captured', 'article', '2026-02-01 00:00:00',
        'b', 1, '2026-02-01 00:00:00', 'b', 'urn:uuid:1', 'http://a.test/', '2026-02-01 00:00:00', 'sha1:a')
"""


def test_crawls_from_before_are_numbered_in_each_source(database_url: str, coordination: Coordination) -> None:
    url = parse_database_url(database_url)
    create_database(url, first_name(url))
    engine = open_engine(url, first_name(url))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0009")
        rows = (("b", "demo-faro", 2), ("c", "demo-faro", 3), ("a", "other", 2), ("z", "demo-faro", 1))
        for key, source, day in rows:
            ended = f"2026-02-0{day} 00:00:00"
            connection.execute(text(_CRAWL), {"key": key, "source": source, "ended": ended})
        connection.execute(text(_STATE))
    with closing(Catalog.open(database_url, coordination)) as catalog:
        with reading(engine) as connection:
            found = connection.execute(text("SELECT source_id, applied, manifest_key FROM crawls")).all()
        assert sorted(map(tuple, found)) == [
            ("demo-faro", 1, "z"), ("demo-faro", 2, "b"), ("demo-faro", 3, "c"), ("other", 1, "a"),
        ]  # fmt: skip
        assert [one.url for one in find_known(catalog)] == ["http://a.test/"]
        with catalog.read_known("demo-faro") as before:
            assert before.mark.applied == 3
        night = DraftCrawl(1)
        night.captured(f"{HOME}a", "A")
        night.committed().apply(catalog)
        with catalog.read_known("demo-faro", before.mark) as news:
            assert [one.url for one in news.captures] == [f"{HOME}a"]
    engine.dispose()
