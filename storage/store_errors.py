"""The errors of an S3 client as errors of the archive: when to wait, what to correct, when to call a person."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    FlexibleChecksumError,
    NoCredentialsError,
    PartialCredentialsError,
)

from storage.model.errors import (
    AlreadyStoredError,
    FixityError,
    HemerotecaError,
    MissingObjectError,
    StorageError,
    StoreRefusedError,
)

_REFUSALS = frozenset({301, 307, 308, 400, 401, 403, 501})
"""Answers that stay the same however long one waits: another address, wrong keys, an operation that is not there."""
_PASSING = frozenset({"BadDigest", "IncompleteBody", "RequestTimeout", "XAmzContentSHA256Mismatch"})
"""Codes of S3 that come with status 400 when the request was harmed on its way."""


@contextmanager
def translate_s3_errors(key: str) -> Iterator[None]:
    """Raise what the client raises about *key* as an error of the archive."""
    try:
        yield
    except ClientError as error:
        raise translate_client_error(key, error) from error
    except FlexibleChecksumError as error:
        raise FixityError(f"{key}: {error}") from error
    except (NoCredentialsError, PartialCredentialsError) as error:
        raise StoreRefusedError(f"{key}: no keys: {error}", "NoCredentials") from error
    except (BotoCoreError, OSError) as error:
        raise StorageError(f"{key}: {error}") from error


def translate_client_error(key: str, error: ClientError) -> HemerotecaError:
    """Return the error of the archive that the store's answer is."""
    status, code = read_status(error), error.response["Error"].get("Code")
    if code == "NoSuchBucket":
        return StoreRefusedError(f"{key}: its bucket does not exist", "NoSuchBucket")
    if status == 404:
        return MissingObjectError(f"{key}: is missing")
    if status == 412:
        return AlreadyStoredError(f"{key}: exists already")
    if status == 416:
        return FixityError(f"{key}: is shorter than that")
    if status in _REFUSALS and code not in _PASSING:
        return StoreRefusedError(f"{key}: the store refused it: {_reason(error)}", str(code))
    return StorageError(f"{key}: {_reason(error)}")


def read_status(error: BaseException | None) -> int | None:
    return error.response["ResponseMetadata"].get("HTTPStatusCode") if isinstance(error, ClientError) else None


def _reason(error: ClientError) -> str:
    return f"{error.response['Error'].get('Code')} ({read_status(error)})"
