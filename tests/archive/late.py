"""Crawls that are killed among their articles, and what their late commits must contain."""

from __future__ import annotations

from hemeroteca.archive import tasks
from hemeroteca.archive.archive import Archive
from hemeroteca.extraction.extractor import EXTRACTOR
from spiders.job import AttemptNote
from storage import keys
from storage.manifests import read_manifest, read_text_manifest
from storage.model.crawl import Manifest
from storage.model.document import TextManifest
from tests.archive.cleaned import documents_of
from tests.archive.homes import (
    Origin,
    counts_of,
    ledger_of,
    run_of,
    spooled,
    unlisted,
)
from tests.archive.running_crawl import kill_after
from tests.demo.expected import NIGHT_1

INTERRUPTED = ("failed", "interrupted")


def killed(archive: Archive, origin: Origin) -> AttemptNote:
    """Plan the night of El Faro and kill its crawl among the articles."""
    (shard,) = tasks.plan_night(archive, run_of(archive), only=["demo-faro"])
    return kill_after(archive, shard, origin, 30)


def late_key(archive: Archive, note: AttemptNote) -> str:
    """Return the key of the one late manifest of a crawl."""
    prefix = keys.crawl_manifest(note.crawl).removesuffix(".json") + "-late-"
    (key,) = archive.store.list_keys(prefix)
    return key


def late_manifest(archive: Archive, note: AttemptNote) -> Manifest:
    return read_manifest(archive.store, late_key(archive, note))


def late_texts(archive: Archive, note: AttemptNote) -> TextManifest:
    """Return the cleaning of a late commit: every article that was whole is a document, or there is a reason."""
    key = late_key(archive, note)
    cleaning = read_text_manifest(archive.store, keys.text_manifest(key, EXTRACTOR))
    outcomes = ledger_of(archive.store, late_manifest(archive, note)).values()
    articles = {one.record_id for one in outcomes if one.purpose == "article" and one.state == "captured"}
    documents = {one.derived_from for one in documents_of(archive.store, cleaning).values()}
    assert documents | {one.record_id for one in cleaning.not_cleaned} == articles
    assert len(documents) == cleaning.documents > 0
    return cleaning


def check_interrupted(archive: Archive, origin: Origin, manifest: Manifest) -> None:
    """Hold the account of a crawl that was killed among its articles to what a whole one comes to."""
    assert (manifest.late, manifest.end_reason) == (True, "interrupted")
    counts = counts_of(manifest)
    assert sum(counts.values()) == manifest.discovered
    outcomes = ledger_of(archive.store, manifest)
    ends = {url: (outcome.state, outcome.reason) for url, outcome in outcomes.items()}
    acknowledged = {url for url, outcome in outcomes.items() if outcome.record_id}
    assert {f"http://{row.host}{row.path}" for row in origin.rows()} - acknowledged <= {
        url for url in ends if ends[url] == INTERRUPTED
    }
    whole = NIGHT_1["demo-faro"]
    for key, urls in whole.items():
        if key[0] != "article":
            assert counts[key] == urls  # every discovery document was read before the first article
    assert counts["article", "refused", "too_old"] == whole["article", "refused", "too_old"]
    assert counts["article", "refused", "scope"] == whole["article", "refused", "scope"]
    assert counts["article", *INTERRUPTED] > 10
    assert counts["article", "captured", None] > 0
    assert sum(whole.values()) - manifest.discovered <= 3  # where the redirects lead was not learned
    texts = ("documents/", "memory/")  # a cleaning that broke off leaves some that nobody lists
    assert not [key for key in unlisted(archive.store) if not key.startswith(texts)]
    assert not spooled(archive)
