"""A home is its owner's alone: made closed, closed when it was open, and never a folder that others use."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from hemeroteca.home import Home
from storage.model.errors import SeedError

NOBODY = 65534
needs_root = pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root becomes another")


def modes(folder: Path) -> set[int]:
    return {path.lstat().st_mode & 0o777 for path in (folder, *folder.rglob("*"))}


def read_as_nobody(path: Path) -> int:
    command = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", "test", "-r", str(path)]
    return subprocess.run(command, check=False).returncode


def open_home(path: Path) -> Home:
    """Make a home as one without umask 077 does."""
    (path / "s3/data").mkdir(parents=True)
    (path / "catalog.sqlite").write_text("rows")
    (path / "s3/data/hemeroteca_1.dat").write_text("pages")
    for one in (path, *path.rglob("*")):
        one.chmod(0o755)
    return Home(path)


def test_a_new_home_is_closed_to_others(tmp_path: Path) -> None:
    home = Home(tmp_path / "a" / "home")
    before = os.umask(0)
    try:
        home.make_folder(home.s3_data)
    finally:
        os.umask(before)
    assert modes(home.path) == {0o700}


def test_a_home_that_others_could_enter_is_closed_with_all_that_is_in_it(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    outside = tmp_path / "outside"
    outside.write_text("not ours")
    outside.chmod(0o644)
    (home.path / "link").symlink_to(outside)
    home.make()
    (home.path / "link").unlink()
    assert modes(home.path) == {0o700}
    assert outside.stat().st_mode & 0o777 == 0o644, "links are not followed"


@needs_root
def test_another_user_reads_nothing_and_holds_no_lock(tmp_path: Path) -> None:
    place = Path("/tmp") / f"hemeroteca-test-{os.getpid()}"  # tmp_path itself lets nobody in
    home = open_home(place / "home")
    place.chmod(0o755)
    try:
        assert read_as_nobody(home.catalog) == 0
        home.make()
        assert [read_as_nobody(path) for path in (home.path, *home.path.rglob("*"))] == [1] * 5
        flock = ["setpriv", f"--reuid={NOBODY}", "--clear-groups", "flock", "-n", str(home.catalog), "true"]
        assert subprocess.run(flock, check=False, capture_output=True).returncode != 0
    finally:
        shutil.rmtree(place)


def test_a_folder_that_others_write_to_is_no_home(tmp_path: Path) -> None:
    shared = tmp_path / "shared"
    shared.mkdir()
    (shared / "theirs").write_text("x")
    shared.chmod(0o775)
    with pytest.raises(SeedError, match="it holds other things too; `chmod 700` closes it"):
        Home(shared).make()
    assert shared.stat().st_mode & 0o777 == 0o775
    shared.chmod(0o700)
    Home(shared).make()


def test_in_a_folder_with_other_things_the_archives_own_are_closed_and_the_others_left(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    (home.path / "cards").mkdir()
    (home.path / "cards" / "paper.yaml").write_text("id: paper")
    for theirs in (home.path / "cards", home.path / "cards" / "paper.yaml"):
        theirs.chmod(0o755)
    home.path.chmod(0o775)
    home.make()
    assert modes(home.path / "s3") | modes(home.catalog) <= {0o700, 0o600}
    assert modes(home.path / "cards") == {0o755}
    assert home.path.stat().st_mode & 0o777 == 0o755, "nobody else may put a catalog there"


def test_what_is_no_folder_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file", tmp_path / "file" / "home"):
        with pytest.raises(SeedError, match="is not a folder"):
            Home(path).check()


def test_nobody_else_spells_the_path_of_a_file_in_a_home() -> None:
    code = [path for room in ("dags", "hemeroteca", "spiders", "storage") for path in Path(room).rglob("*.py")]
    assert len(code) > 100
    spelled = [
        f"{path}: {line.strip()}"
        for path in code
        for line in path.read_text().splitlines()
        if "home / " in line or "home.path / " in line
    ]
    assert spelled == ["hemeroteca/home.py: return home.path / self._name"]
