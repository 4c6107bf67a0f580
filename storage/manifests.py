"""Manifests: the objects that make a crawl or a cleaning real. Written once, read whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, TypeVar

from storage.keys import CRAWL_MANIFESTS, TEXT_MANIFESTS, crawl_manifest, day, text_draft, text_manifest, text_mores_of
from storage.model.crawl import Crawl, Manifest
from storage.model.document import TextManifest
from storage.model.errors import AlreadyStoredError, FixityError
from storage.model.night import Night

if TYPE_CHECKING:  # so that who only reads the catalog loads no S3 client
    from storage.objects import Store

_AnyManifest = TypeVar("_AnyManifest", Manifest, TextManifest)


def put_manifest(store: Store, key: str, manifest: _AnyManifest) -> bool:
    """Commit *manifest* at *key*; False when another try committed first, and nothing was written.

    The client library sends a put again when its answer was lost, so a taken key may hold our own: one of the
    same objects, byte for byte. Another one of the same attempts may know of fewer.
    """
    content = manifest.model_dump_json(by_alias=True, indent=1).encode()
    try:
        store.put_new(key, content, schema=manifest.schema_name, content_type="application/json")
    except AlreadyStoredError:
        return _committed(_read(store, key, type(manifest))) == _committed(manifest)
    return True


def _committed(manifest: Manifest | TextManifest) -> frozenset[tuple[str, str, int]]:
    """Return what a manifest commits: the keys, which carry the nonces of those who put them, and what lies there."""
    return frozenset((stored.key, stored.sha256, stored.bytes) for stored in manifest.objects)


def read_manifest(store: Store, key: str) -> Manifest:
    """Return the manifest of a crawl. Raises MissingObjectError, FixityError (also for that of another crawl),
    StorageError.
    """
    manifest = _read(store, key, Manifest)
    own = crawl_manifest(manifest.crawl)
    if not (key.startswith(f"{own.removesuffix('.json')}-late-") if manifest.late else key == own):
        raise FixityError(f"{key}: holds the manifest of another crawl, {manifest.crawl.id}")
    return manifest


def read_text_manifest(store: Store, key: str) -> TextManifest:
    """Return the manifest of a cleaning. Raises MissingObjectError, FixityError (also for that of another cleaning),
    StorageError.
    """
    manifest = _read(store, key, TextManifest)
    own = [make(manifest.crawl_manifest, manifest.extractor) for make in (text_manifest, text_draft)]
    if key not in own and not any(key.startswith(text_mores_of(one)) for one in own):
        raise FixityError(f"{key}: holds the manifest of another cleaning, of {manifest.crawl_manifest}")
    return manifest


def _read(store: Store, key: str, kind: type[_AnyManifest]) -> _AnyManifest:
    try:
        return kind.model_validate_json(store.read(key))
    except ValueError as error:
        raise FixityError(f"{key}: not a manifest: {error}") from error


def list_manifests_of_crawl(store: Store, crawl: Crawl) -> list[str]:
    """Return the keys of the manifests of *crawl*, late ones too, sorted; also of longer ids that begin with its id.

    Only these are listed: listing the whole night for each of its sources would take the square of their number.
    """
    return list_manifests_of(store, crawl.id, crawl.night)


def list_manifests_of(store: Store, crawl_id: str, night: Night) -> list[str]:
    """Do the same for the crawl of that id, of *night*."""
    return sorted(store.list_keys(f"{CRAWL_MANIFESTS}{day(night)}/{crawl_id}"))


def list_text_manifests_of_crawl(store: Store, crawl: Crawl) -> list[str]:
    """Return the keys of the manifests of the cleanings of *crawl*, sorted, as ``list_manifests_of_crawl`` does."""
    return list_text_manifests_of(store, crawl.id, crawl.night)


def list_text_manifests_of(store: Store, crawl_id: str, night: Night) -> list[str]:
    """Do the same for the crawl of that id, of *night*."""
    return sorted(store.list_keys(f"{TEXT_MANIFESTS}{day(night)}/{crawl_id}-"))


def list_all_manifests(store: Store) -> Iterator[str]:
    """Yield the key of every crawl manifest, in the store's order."""
    return store.list_keys(CRAWL_MANIFESTS)


def list_all_text_manifests(store: Store) -> Iterator[str]:
    """Yield the key of every text manifest, in the store's order."""
    return store.list_keys(TEXT_MANIFESTS)
