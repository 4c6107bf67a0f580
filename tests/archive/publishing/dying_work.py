"""Rebuilds and publications in processes of their own that are killed, and holdings that something interrupts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

from hemeroteca.archive.archive import Archive
from storage.holdings import Holdings
from storage.model.crawl import Manifest
from storage.objects import Store

KILLED = """
import os, signal, sys
from importlib import import_module
from hemeroteca.archive.archive import Archive
from hemeroteca.configuration import read_settings

def die_in(place, name, moment, count):
    whole, left = getattr(place, name), [int(count)]
    def die(*given, **named):
        left[0] -= 1
        if moment == "before" and left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = whole(*given, **named)
        if moment == "after" and left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return answer
    setattr(place, name, die)

module, path, moment, count, work = sys.argv[1:]
*owners, name = path.split(".")
place = import_module(module)
for owner in owners:
    place = getattr(place, owner)
die_in(place, name, moment, count)
with Archive(read_settings()) as archive:
    exec(work)
"""
REBUILD = "from hemeroteca.archive.publishing.rebuild import rebuild; rebuild(archive)"
PUBLISH = """
from hemeroteca.archive.publishing.manifest_rows import apply_manifests, read_ahead
from hemeroteca.archive.publishing.publish import publish_crawl
from storage.manifests import read_manifest
publish_crawl(archive, read_manifest(archive.store, {key!r}).crawl)
"""


def kill(archive: Archive, place: str, moment: str, count: int = 0, work: str = REBUILD) -> None:
    """Do *work* in a process killed *moment* (before, after) the call of *place* that comes after *count* others."""
    s3 = archive.settings
    assert s3.s3_secret_key
    environment = os.environ | {
        "HEMEROTECA_HOME": str(s3.home),
        "HEMEROTECA_S3_ENDPOINT": s3.s3_endpoint or "",
        "HEMEROTECA_S3_BUCKET": s3.s3_bucket or "",
        "HEMEROTECA_S3_PREFIX": s3.s3_prefix,
        "HEMEROTECA_S3_ACCESS_KEY": s3.s3_access_key or "",
        "HEMEROTECA_S3_SECRET_KEY": s3.s3_secret_key.get_secret_value(),
    }
    command = [sys.executable, "-c", KILLED, *place.split(":"), moment, str(count), work]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


class Interrupted(Holdings):
    """Holdings in which *interrupt* is called before the manifest at *key* is read the first time."""

    def __init__(self, store: Store, key: str, interrupt: Callable[[], None]) -> None:
        super().__init__(store)
        self._key, self._interrupt = key, interrupt

    def read_manifest(self, key: str) -> Manifest:
        if key == self._key:
            self._key = ""
            self._interrupt()
        return super().read_manifest(key)
