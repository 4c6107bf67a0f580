"""What a crawl is told of the archive is read back as it was written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from storage.known import Known, KnownCapture, write_known


def known(url: str, **facts: object) -> KnownCapture:
    fields = {
        "url": url,
        "record_id": "urn:uuid:1",
        "target_uri": url,
        "date": datetime(2026, 3, 1, 2, 0, 14, 123456, UTC),
        "payload_digest": "sha1:A",
        "last_night": "2026-03-01",
    }
    return KnownCapture.model_validate(fields | facts)


def test_a_known_capture_is_found_by_its_address(tmp_path: Path) -> None:
    written = [known("http://a.test/2", etag='"x"', looks=3), known("http://a.test/1")]
    write_known(tmp_path / "known.sqlite", written)
    held = Known(tmp_path / "known.sqlite")
    assert held.find("http://a.test/2") == written[0]
    assert held.find("http://a.test/3") is None
    assert list(held) == [written[1], written[0]]
    held.close()


def test_without_a_file_nothing_is_known() -> None:
    assert Known(None).find("http://a.test/") is None
    assert list(Known(None)) == []
