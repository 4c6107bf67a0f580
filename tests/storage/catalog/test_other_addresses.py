"""Doubles and canonical addresses: what crawls and pages said, in whatever release they were published."""

from __future__ import annotations

from contextlib import closing

from sqlalchemy import MetaData, inspect, select

from storage.catalog import Address, CanonicalLink, Catalog
from storage.coordination import Coordination
from storage.database import open_engine, parse_database_url, reading
from storage.surt import urlkey
from tests.storage.catalog.release_0010 import fill_catalog
from tests.storage.committed import HOME, DraftCrawl

A, B = f"{HOME}a", f"{HOME}b"


def address(url: str) -> Address:
    return Address(url, urlkey(url))


def test_a_double_is_known_from_crawls_in_time_and_late_ones(catalog: Catalog) -> None:
    first, late = DraftCrawl(1), DraftCrawl(1, late="0000aaaa")
    first.duplicate(A, f"{A}?utm_source=rss")
    first.skipped(B, "not_due")
    late.duplicate(A, f"{A}?utm_source=web")
    for crawl in (first, late, DraftCrawl(2)):
        assert crawl.committed().apply(catalog)
    assert sorted(catalog.find_doubles(urlkey(A))) == [address(f"{A}?utm_source={one}") for one in ("rss", "web")]
    assert catalog.find_doubles(urlkey(B)) == catalog.find_doubles(urlkey(f"{A}?utm_source=rss")) == []


def test_a_page_names_its_canonical_address_from_both_ends(catalog: Catalog) -> None:
    night = DraftCrawl(1)
    for number, (url, canonical) in enumerate([(f"{A}/amp", A), (B, B), (f"{A}/error", A)]):
        night.captured(url, "P", status=404 if "error" in url else 200)
        night.captures[number] = night.captures[number].replace(canonical=canonical)
    night.committed().apply(catalog)
    link = CanonicalLink(address(f"{A}/amp"), address(A))
    assert catalog.find_canonical_links(urlkey(A)) == [link]
    assert catalog.find_canonical_links(urlkey(f"{A}/amp")) == [link]
    assert catalog.find_canonical_links(urlkey(B)) == []


def test_a_filled_catalog_of_release_0011_knows_canonical_addresses_and_learns_of_doubles(
    database_url: str, coordination: Coordination
) -> None:
    night, later = DraftCrawl(1), DraftCrawl(2)
    night.captured(f"{A}/amp", "P")
    night.captures[0] = night.captures[0].replace(canonical=A)
    later.duplicate(A, B)
    made, old = (Catalog.beside_name(database_url, nonce) for nonce in ("0000000a", "0000000b"))
    with closing(Catalog.create_beside(database_url, coordination, made)) as today:
        night.committed().apply(today)
        every = today.find_captures()
    engine = open_engine(parse_database_url(database_url), made)
    with reading(engine) as connection:
        tables = MetaData()
        tables.reflect(connection)
        rows = {
            name: [row._asdict() for row in connection.execute(select(table))] for name, table in tables.tables.items()
        }
    engine.dispose()
    fill_catalog(
        database_url,
        old,
        "0011",
        {name: rows[name] for name in rows if name not in ("doubles", "pending", "alembic_version")},
    )
    coordination.write_note("catalog", old)
    with closing(Catalog.open(database_url, coordination)) as migrated:
        assert migrated.find_captures() == every
        assert migrated.find_canonical_links(urlkey(A)) == [CanonicalLink(address(f"{A}/amp"), address(A))]
        assert migrated.find_doubles(urlkey(A)) == []
        later.committed().apply(migrated)
        assert migrated.find_doubles(urlkey(A)) == [address(B)]


def test_a_migrated_catalog_has_the_indexes_of_a_new_one(database_url: str, coordination: Coordination) -> None:
    with closing(Catalog.open(database_url, coordination)) as catalog:
        engine = open_engine(parse_database_url(database_url), catalog.name)
        with reading(engine) as connection:
            found = {
                one["name"] for table in ("captures", "crawl_names") for one in inspect(connection).get_indexes(table)
            }
        engine.dispose()
    assert {"captures_by_canonical", "crawl_names_by_night"} <= found
