"""The errors of the archive, named for what whoever catches them does next."""

from __future__ import annotations

import errno


class HemerotecaError(Exception):
    """Root of the tree; nothing raises it itself."""


class SeedError(HemerotecaError):
    """A card, a setting or a form is wrong: edit it. Its message has a line ``place: field: reason`` per mistake."""


class FetchRefused(HemerotecaError):
    """Our policy said no and nothing was sent; ``reason`` is one of ``model.outcome.REFUSED``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class NoMainTextError(HemerotecaError):
    """A page has no main text: record that and skip it. ``reason`` says why."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


class ParserLimitError(HemerotecaError):
    """A document exceeds a parser's limits (elements, depth, time, memory): its bytes are kept, but it is not read."""


class StorageError(HemerotecaError):
    """The store, the catalog or coordination did not answer: try again later."""


class CrawlDiedError(StorageError):
    """A crawl process ended before its sources did: try again; its captures will be adopted."""


class DiskFullError(StorageError):
    """The disk of the spool is full: make room, then try again; what was acknowledged will be adopted."""


class FencedError(StorageError):
    """Another try owns the hosts or the crawl now: this one must not commit."""


class StoreRefusedError(StorageError):
    """The store refuses for good (keys, bucket, address): correct the settings; waiting does not help.

    ``code`` is the store's own name for it, such as ``NoSuchBucket``.
    """

    def __init__(self, message: str, code: str = "") -> None:
        super().__init__(message)
        self.code = code


class AlreadyStoredError(HemerotecaError):
    """A create-only key exists already: look at what is there, never overwrite it."""


class FixityError(HemerotecaError):
    """Stored bytes have changed (length or digest): call a person."""


class MissingObjectError(FixityError):
    """A promised object is missing: look for it in a copy of the bucket."""


class NotArchivedError(HemerotecaError):
    """The archive has nothing for this address or time: tell the reader."""


class RunFailedError(HemerotecaError):
    """A source failed, a sum does not match, or something is missing: the run is red, and nothing is retried."""


class MissingExtraError(HemerotecaError, ImportError):
    """An optional package is not installed: install the extra that the message names."""


class ServiceError(HemerotecaError):
    """One of our servers is missing, will not start, or belongs to someone else; the message names the fix."""


def disk_error(message: str, error: OSError) -> StorageError:
    """Return the StorageError that *error* of a disk becomes."""
    kind = DiskFullError if error.errno in _FULL else StorageError
    return kind(f"{message}: {error}")


_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
