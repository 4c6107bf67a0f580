"""What is stored once: revisits across nights and addresses, each gives its payload back, also when rebuilt."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.reading.lookup import find_payload_capture, read_body
from storage.model.capture import Capture
from storage.objects import S3Settings
from storage.warc.reader import read_member
from storage.warc.record import WarcTargetRecord
from tests.archive.homes import FIRST, make_home, open_home, pass_night, rows
from tests.spiders.press import Press, Reply, feed
from tests.storage.known_rows import find_known
from tests.warc_records import as_type

P = "http://paper.test"
SAME, OTHER = b"<p>the same on every page " * 20, b"<p>another " * 20
ETAG = (("ETag", '"e"'), ("Content-Type", "text/html"))
CARD = {
    "id": "aa-paper", "title": "Paper", "homepage": f"{P}/", "language": "en", "delay_seconds": 0,
    "allow_private": True, "discoveries": [{"kind": "feed", "url": f"{P}/feed"}],
}  # fmt: skip


def night(directory: Path, s3: S3Settings, press: Press, number: int) -> Archive:
    """Pass a night of the home in *directory* and return its archive."""
    home = directory / "home"
    if not home.exists():
        make_home(home, CARD)
    archive = open_home(home, s3, FIRST + timedelta(days=number), connect_to=",".join(press.connect_to))
    pass_night(archive)
    return archive


def revisits(archive: Archive) -> dict[tuple[str, str], Capture]:
    found = [capture for capture in archive.catalog.find_captures() if capture.record_type == "revisit"]
    return {(capture.target_uri.removeprefix(P), str(capture.night)[-1]): capture for capture in found}


def test_every_revisit_gives_the_payload_of_its_original_before_and_after_a_rebuild(
    tmp_path: Path, s3_settings: S3Settings
) -> None:
    with Press() as press:
        press.put(f"{P}/a", SAME)
        press.put(f"{P}/print/a", SAME)
        press.put(f"{P}/e", Reply(200, OTHER, ETAG))
        press.put(f"{P}/c", SAME)
        press.put(f"{P}/feed", feed("/a", "/print/a", "/e"))
        night(tmp_path, s3_settings, press, 0).close()
        press.put(f"{P}/feed", feed("/a", "/print/a", "/e", "/c"))
        archive = night(tmp_path, s3_settings, press, 1)
    first = archive.catalog.find_captures(urlkey="test,paper)/a")[0]
    found = revisits(archive)
    assert set(found) >= {("/print/a", "1"), ("/c", "2"), ("/e", "2"), ("/a", "2"), ("/print/a", "2")}
    for (path, _), revisit in found.items():
        if path in ("/a", "/print/a", "/c"):
            assert (revisit.refers_to, revisit.refers_to_uri) == (first.record_id, first.target_uri)
    bodies = {where: read_body(archive, revisit) for where, revisit in found.items()}
    assert {body for (path, _), body in bodies.items() if path != "/robots.txt"} == {SAME, OTHER}
    assert all(find_payload_capture(archive, revisit).record_type == "response" for revisit in found.values())
    rebuild(archive)
    assert revisits(archive) == found
    assert {where: read_body(archive, revisit) for where, revisit in revisits(archive).items()} == bodies
    for capture in archive.catalog.find_captures():
        record = as_type(read_member(archive.holdings.read_record(capture)), WarcTargetRecord)
        read = (record.record_id, record.target_uri, record.date)
        assert read == (capture.record_id, capture.target_uri, capture.date)
        assert record.payload_digest == capture.payload_digest
    archive.close()


def test_what_was_found_of_validators_is_remembered_by_the_archive_and_by_a_rebuilt_one(
    tmp_path: Path, s3_settings: S3Settings
) -> None:
    with Press() as press:
        press.put(f"{P}/feed", feed("/a", "/e"))
        press.put(f"{P}/a", Reply(200, SAME, ETAG))
        press.put(f"{P}/e", Reply(200, SAME + OTHER, ETAG))
        night(tmp_path, s3_settings, press, 0).close()
        press.put(f"{P}/a", Reply(200, OTHER, ETAG))
        press.put(f"{P}/e", Reply(200, OTHER + SAME, ETAG))
        archive = night(tmp_path, s3_settings, press, 1)
        states = rows(archive)["url_state"]
        distrusted = {known.url: known.distrust for known in find_known(archive.catalog, "aa-paper") if known.distrust}
        assert list(distrusted.values()) == ["validators"]
        rebuild(archive)
        assert rows(archive)["url_state"] == states
        bodies = {read_body(archive, c) for c in archive.catalog.find_captures() if str(c.night) == "2026-03-02"}
        assert {OTHER, OTHER + SAME} <= bodies, "the 304 hid neither"
        archive.close()
        press.asked.clear()
        night(tmp_path, s3_settings, press, 3).close()
    assert not [one.url for one in press.asked if "If-None-Match" in one.headers]
    assert press.times(f"{P}/a") == press.times(f"{P}/e") == 1
