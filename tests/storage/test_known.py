"""What a crawl is told of the archive is read back as it was written."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from storage.known import Known, KnownCapture, KnownPayload
from storage.known_files import write_known


def known(url: str, **facts: Any) -> KnownCapture:
    fields: dict[str, Any] = {
        "url": url,
        "record_id": "urn:uuid:1",
        "target_uri": url,
        "date": "2026-03-01 02:00:14.123456",
        "payload_digest": "sha1:A",
        "last_night": "2026-03-01",
    }
    return KnownCapture(**(fields | facts))


def test_a_known_capture_is_found_by_its_address(tmp_path: Path) -> None:
    written = [known("http://a.test/2", etag='"x"', looks=3), known("http://a.test/1")]
    write_known(tmp_path / "known.sqlite", written)
    held = Known(tmp_path / "known.sqlite")
    assert held.find("http://a.test/2") == written[0]
    assert held.find("http://a.test/3") is None
    assert list(held) == [written[1], written[0]]
    held.close()


def test_only_articles_come_back_unannounced_newest_first_and_not_for_ever(tmp_path: Path) -> None:
    night = date(2026, 3, 10)

    def seen(name: str, looks: int, nights_ago: int, **facts: Any) -> KnownCapture:
        return known(f"http://a.test/{name}", looks=looks, last_night=str(night - timedelta(days=nights_ago)), **facts)

    write_known(
        tmp_path / "known",
        [
            seen("due", 1, 1),
            seen("newer", 1, 1, date="2026-03-09 00:00:00.000000"),
            seen("later", 2, 1),
            seen("third", 3, 4),
            seen("looked-at-enough", 4, 99),
            seen("feed", 1, 1, purpose="feed"),
        ],
    )
    held = Known(tmp_path / "known")
    assert [one.url for one in held.find_due(night, (1, 2, 4))] == [
        f"http://a.test/{n}" for n in ("newer", "due", "third")
    ]
    held.close()


def test_the_worst_that_a_purpose_showed_of_its_validators_is_what_counts(tmp_path: Path) -> None:
    found = [("article", "etag"), ("article", "validators"), ("article", None), ("feed", "etag"), ("section", None)]
    lied = {"distrusted": "2026-03-01"}
    written = [
        known(f"http://a.test/{n}", purpose=p, distrust=d, **(lied if d else {})) for n, (p, d) in enumerate(found)
    ]
    write_known(tmp_path / "known.sqlite", written)
    held = Known(tmp_path / "known.sqlite")
    assert held.find_distrusted(date(2026, 3, 30)) == {"article": "validators", "feed": "etag"}
    assert held.find_distrusted(date(2026, 3, 31)) == {}, "after thirty nights without a lie they are trusted again"
    assert held.find("http://a.test/0") == written[0]
    held.close()
    assert Known(None).find_distrusted(date(2026, 3, 30)) == {}


def test_a_payload_is_found_whatever_its_address(tmp_path: Path) -> None:
    written = [known(f"http://a.test/{n}", payload_digest=f"sha1:{n}") for n in range(3)]
    write_known(tmp_path / "known.sqlite", written)
    held = Known(tmp_path / "known.sqlite")
    found = held.find_payload("sha1:1", "article")
    assert found and (found.record_id, found.target_uri, found.date) == (
        "urn:uuid:1",
        "http://a.test/1",
        written[1].date,
    )
    assert held.find_payload("sha1:1", "feed") is None
    assert held.find_payload("sha1:3", "article") is None
    held.close()


def test_a_payload_that_its_address_has_no_more_is_found_at_its_first_record(tmp_path: Path) -> None:
    def payload(record_id: str, day: int, purpose: str = "article") -> KnownPayload:
        return KnownPayload("sha1:old", purpose, record_id, "http://a.test/1", f"2026-03-0{day} 00:00:00.000000")

    superseded = [payload("urn:uuid:first", 1), payload("urn:uuid:again", 2), payload("urn:uuid:feed", 3, "feed")]
    write_known(tmp_path / "known.sqlite", [known("http://a.test/1", payload_digest="sha1:new")], superseded)
    held = Known(tmp_path / "known.sqlite")
    assert held.find_payload("sha1:old", "article") == superseded[0]
    assert held.find_payload("sha1:old", "feed") == superseded[2]
    assert held.find_payload("sha1:old", "section") is None
    held.close()


def test_without_a_file_nothing_is_known() -> None:
    assert list(Known(None).find_due(date(2026, 1, 1), (1,))) == []
    assert Known(None).find("http://a.test/") is None
    assert list(Known(None)) == []
