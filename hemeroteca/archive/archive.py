"""One archive, opened: its settings, store, catalog and coordination."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from functools import cached_property
from importlib.metadata import version
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pydantic import SecretStr

from hemeroteca.configuration import BUCKET, CHECKOUT, Settings
from hemeroteca.home import Home, S3Credentials, read_s3_state
from storage.catalog import Catalog
from storage.coordination import Coordination
from storage.files import read_json
from storage.model.crawl import Software
from storage.model.errors import ServiceError

if TYPE_CHECKING:
    from storage.holdings import Holdings
    from storage.objects import S3Settings, Store


class Archive:
    """What every step works on; closed at the end of a ``with`` block.

    Parts are opened, and what they need is imported, when first used: listing captures needs neither S3 nor Arrow.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings

    @cached_property
    def store(self) -> Store:
        from storage.objects import Store

        return Store(read_s3_settings(self.settings))

    @cached_property
    def holdings(self) -> Holdings:
        from storage.holdings import Holdings

        return Holdings(self.store)

    @cached_property
    def coordination(self) -> Coordination:
        if not self.settings.catalog:  # else reading needs no home
            self.settings.home.make()
        return Coordination.open(self.settings.coordination_url())

    @cached_property
    def catalog(self) -> Catalog:
        return Catalog.open(self.settings.catalog_url(), self.coordination)

    @cached_property
    def software(self) -> Software:
        return describe_software()

    def close(self) -> None:
        for name in ("catalog", "coordination"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def read_s3_settings(settings: Settings) -> S3Settings:
    """Return where the bucket is: the endpoint set, or the home's embedded server.

    Raises ServiceError when the embedded server is not running.
    """
    from storage.objects import S3Settings

    if not settings.embedded_s3:
        return S3Settings(
            endpoint_url=settings.s3_endpoint,
            **({"region": settings.s3_region} if settings.s3_region else {}),
            bucket=settings.s3_bucket or BUCKET,
            prefix=settings.s3_prefix,
            access_key=settings.s3_access_key,
            secret_key=settings.s3_secret_key,
            addressing=settings.s3_addressing,
        )
    return embedded_s3_settings(settings.home, settings.s3_prefix)


def embedded_s3_settings(home: Home, prefix: str = "") -> S3Settings:
    """Return where the bucket of the home's S3 server is. Raises ServiceError when it is not running."""
    from storage.objects import S3Settings

    state, credentials = read_s3_state(home), read_json(home.s3_credentials, S3Credentials)
    if not state or not credentials:
        raise ServiceError(f"{home}: the S3 server is not running; start it with `hemeroteca up`")
    return S3Settings(
        endpoint_url=state.endpoint,
        bucket=BUCKET,
        prefix=prefix,
        access_key=credentials.access_key,
        secret_key=SecretStr(credentials.secret_key),
        addressing="path",
    )


def describe_software() -> Software:
    """Return which code this is: version, commit of the checkout, digest of the lock."""
    lock = CHECKOUT / "requirements.lock"
    return Software(
        version=version("hemeroteca"),
        commit=_read_commit(),
        lock_digest=hashlib.sha256(lock.read_bytes()).hexdigest() if lock.exists() else None,
        python=platform.python_version(),
    )


def _read_commit() -> str | None:
    command = ["git", "-C", str(CHECKOUT), "rev-parse", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip() or None
