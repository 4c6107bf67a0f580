"""Power cuts: a separate store on a disk that loses what was not synced, and what it has when the power is back."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from hemeroteca.archive.archive import Archive, embedded_s3_settings
from hemeroteca.configuration import Settings
from hemeroteca.home import Home, S3State
from hemeroteca.services.children import Children
from hemeroteca.services.seaweed import run_own_s3
from storage import files
from tests.archive.homes import make_home
from tests.drills.evidence import read_evidence
from tests.drills.origin import DatedOrigin
from tests.drills.stage import FIRST, NAMES, Stage, small_card
from tests.drills.store_proxy import StoreProxy

_IMAGE_BYTES = 512 * 1024 * 1024
_TMPFS = ("mount", "-t", "tmpfs", "-o", "size=512m", "none")
_PATIENCE_SECONDS = 1.5
_VOLUMES = ("*.dat", "*.idx")


class Disk(ABC):
    """Where the store has its data, at *data*."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.folder, self.data = folder, data

    @abstractmethod
    def mount(self) -> None:
        """Make an empty disk."""

    @abstractmethod
    def note_sync(self) -> None:
        """The archive had everything written to this disk."""

    @abstractmethod
    def remember(self) -> None:
        """Note what the disk has now, if the power goes."""

    @abstractmethod
    def restore(self) -> None:
        """Have what was remembered, and nothing else. The store does not run."""

    def unmount(self) -> None:
        subprocess.run(["umount", "--lazy", str(self.data)], check=True)


class Ext4(Disk):
    """A file system of its own in a file: what is not in the file when the power goes was only in memory."""

    @property
    def _image(self) -> Path:
        return self.folder / "disk.img"

    def mount(self) -> None:
        with self._image.open("wb") as file:
            file.truncate(_IMAGE_BYTES)
        subprocess.run(["mkfs.ext4", "-q", str(self._image)], check=True)
        self._attach()

    def _attach(self) -> None:
        subprocess.run(["mount", "-o", "loop", str(self._image), str(self.data)], check=True)

    def note_sync(self) -> None:
        pass

    def remember(self) -> None:
        copy = ["cp", "--sparse=always", str(self._image), str(self.folder / "cut.img")]
        subprocess.run(copy, check=True)

    def restore(self) -> None:
        self.unmount()
        (self.folder / "cut.img").replace(self.folder / "restored.img")
        subprocess.run(["mount", "-o", "loop", str(self.folder / "restored.img"), str(self.data)], check=True)


class UnsyncedVolumes(Disk):
    """A disk that refuses to be synchronous: volumes go back to the last sync, and the store's metadata stays."""

    def mount(self) -> None:
        subprocess.run([*_TMPFS, str(self.data)], check=True)

    def note_sync(self) -> None:
        shutil.rmtree(self.folder / "synced", ignore_errors=True)
        (self.folder / "synced").mkdir()
        for path in _volumes(self.data):
            shutil.copy2(path, self.folder / "synced" / path.name)

    def remember(self) -> None:
        pass

    def restore(self) -> None:
        for path in _volumes(self.data):
            path.unlink()
        for path in _volumes(self.folder / "synced"):
            shutil.copy2(path, self.data / path.name)


def _volumes(folder: Path) -> list[Path]:
    return [path for pattern in _VOLUMES for path in sorted(folder.glob(pattern))]


class PoweredStage(Stage):
    """An archive with the embedded store, whose data lies on *disk*. The rest of the home survives a power cut."""

    def __init__(self, folder: Path, origin: DatedOrigin, kind: type[Disk], **settings: Any) -> None:
        home = make_home(folder / "home", *(small_card(name) for name in NAMES))
        self._home = Home(home)
        self._home.make_folder(self._home.s3_data)
        self.disk = kind(folder, self._home.s3_data)
        self.disk.mount()
        self._start()
        super().__init__(folder, embedded_s3_settings(self._home), origin, FIRST, **settings)

    def open(self) -> Archive:
        return Archive(
            Settings(
                home=self._home, demo=True, today=self.night, seeds=self.home / "cards", crawl_slots=1,
                connect_to=self.origin.newspapers.connect_to, grace_seconds=2, **self.settings,
            )
        )  # fmt: skip

    def exported(self) -> dict[str, str]:
        return {name: value for name, value in super().exported().items() if not name.startswith("s3_")}

    def cut_power(self) -> None:
        """Kill the store, have its disk lose what it had not written, and start it again."""
        self._kill()
        self.disk.restore()
        self._start()
        settings = embedded_s3_settings(self._home)
        self.s3, self.place = settings, self.place._replace(endpoint=settings.endpoint_url or "")
        left = read_evidence(self.place).objects
        self.harmed |= {key for key, one in left.items() if not one.is_whole}  # what the store lists, and lost

    def stop(self) -> None:
        self._kill()
        self.disk.unmount()

    def _start(self) -> None:
        self._running = ExitStack()
        self._children = self._running.enter_context(Children())
        s3 = self._running.enter_context(run_own_s3(self._home, self._children))
        proxy = self._running.enter_context(StoreProxy(s3, _PATIENCE_SECONDS))
        state = files.read_json(self._home.s3_state, S3State)
        assert state
        lead = state.replace(endpoint=proxy.settings.endpoint_url)
        files.replace_whole(self._home.s3_state, lead.model_dump_json())

    def _kill(self) -> None:
        """``kill -9`` the store. Nobody stops it then: its state file stays, and the next start repairs its data."""
        os.kill(self._children.last.process.pid, signal.SIGKILL)
        self._running.close()


@contextmanager
def noting_syncs(disk: Disk) -> Iterator[None]:
    """Tell *disk* whenever the archive has had it synced, whoever in it does that."""
    original = files.sync_filesystem

    def sync(folder: Path) -> None:
        original(folder)
        disk.note_sync()

    users = [module for module in list(sys.modules.values()) if vars(module).get("sync_filesystem") is original]
    with patch_all(users, "sync_filesystem", sync):
        yield


@contextmanager
def patch_all(modules: list[Any], name: str, value: Callable[..., object]) -> Iterator[None]:
    patches = [patch.object(module, name, value) for module in modules]
    for one in patches:
        one.start()
    try:
        yield
    finally:
        for one in patches:
            one.stop()
