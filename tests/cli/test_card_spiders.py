"""A spider that a card names and that cannot be run: told by ``sources check``, and red in the night, it alone."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from hemeroteca.demo import Newspapers
from storage.model.errors import RunFailedError
from storage.objects import S3Settings
from tests.archive.homes import FIRST, demo_card, make_home, open_home, plan, run_of, take_steps
from tests.cli.conftest import Run, call

SPIDER = "import scrapy\n\n\nclass OwnSpider(scrapy.Spider):\n    name = 'own'\n"
BROKEN = {
    "missing": None,
    "torn": "import scrapy\n\nclass OwnSpider(scrapy.Spider)\n",
    "raising": "import scrapy\nprint('loaded')\nvars()['nothing']\n",
    "leaving": "import sys\nsys.exit('no')\n",
    "dying": "import os\nos._exit(7)\n",
    "twice": SPIDER + SPIDER.replace("Own", "Other").replace("own", "other"),
    "greedy": SPIDER + "    custom_settings = {'ROBOTSTXT_OBEY': False}\n",
    "none": "x = 1\n",
}
REASONS = {
    "missing": "spider: ownpress.missing: no module, and no Scrapy spider in ownpress",
    "torn": "spider: ownpress.torn: FOLDER/torn.py:3: SyntaxError: expected ':'",
    "raising": "spider: ownpress.raising: FOLDER/raising.py:3: KeyError: 'nothing'",
    "leaving": "spider: ownpress.leaving: FOLDER/leaving.py:2: SystemExit: no",
    "dying": "spider: ownpress.dying: loading it ended its process with status 7",
    "twice": "spider: ownpress.twice: needs one Scrapy spider in ownpress.twice, has OwnSpider, OtherSpider",
    "greedy": "spider: OwnSpider: a spider may not change these settings: ROBOTSTXT_OBEY",
    "none": "spider: ownpress.none: needs one Scrapy spider in ownpress.none, has none",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package of spiders that cards name as ``ownpress.NAME``."""
    package = tmp_path / "ownpress"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "fine.py").write_text(SPIDER)
    for name, code in BROKEN.items():
        if code is not None:
            (package / f"{name}.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    return package


def write_card(home: Path, name: str) -> Path:
    path = home / f"seeds/{name}.yaml"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fields = {"id": name, "title": name, "homepage": f"http://{name}.test/", "language": "en"}
    path.write_text(yaml.safe_dump(fields | {"spider": f"ownpress.{name}", "enabled": False}))
    return path


def test_check_says_what_is_wrong_with_each_spider_and_with_no_other(hemeroteca: Run, home: Path, folder: Path) -> None:
    cards = {name: write_card(home, name) for name in (*BROKEN, "fine")}
    said = hemeroteca("sources", "check")
    assert said.returncode == 1
    assert sorted(said.stdout.splitlines()) == sorted(
        f"{cards[name]}: {reason.replace('FOLDER', str(folder))}" for name, reason in REASONS.items()
    )


def test_cards_of_our_own_spider_start_no_process(hemeroteca: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    assert hemeroteca("sources", "check").returncode == 0


def test_a_night_is_red_for_such_sources_alone_and_says_why(
    tmp_path: Path, folder: Path, s3_settings: S3Settings, bucket: dict[str, str]
) -> None:
    start = "\n    async def start(self):\n        raise KeyError('no front page')\n        yield\n"
    (folder / "failing.py").write_text(SPIDER + start)
    (folder / "fine.py").write_text(
        SPIDER
        + "    start_urls = ['http://anzeiger.hemeroteca.test/']\n\n    def parse(self, response):\n"
        + "        yield from response.follow_all(css='h2 a')\n"
    )
    broken = {name: REASONS[name] for name in ("missing", "greedy")}
    broken["failing"] = f"{folder}/failing.py:8: KeyError: 'no front page'"
    cards = [demo_card("faro", id=f"demo-{name}", spider=f"ownpress.{name}", discoveries=[]) for name in broken]
    fine = demo_card("anzeiger", spider="ownpress.fine", discoveries=[])
    home = make_home(tmp_path / "home", *cards, fine, demo_card("courier", nightly_budget=3))
    with Newspapers(night=FIRST) as newspapers:
        with open_home(home, s3_settings, connect_to=newspapers.connect_to, crawl_slots=2) as archive:
            with pytest.raises(RunFailedError) as red:
                take_steps(archive, run_of(archive), plan(archive, run_of(archive)))
            crawls = [crawl for crawl in archive.catalog.find_crawls(FIRST) if not crawl.late]
        whys = [f"demo-{name}: its crawl was not finished: {reason}" for name, reason in sorted(broken.items())]
        assert str(red.value) == "; ".join(whys)
        assert {crawl.source_id for crawl in crawls if crawl.documents} == {"demo-anzeiger", "demo-courier"}
        said = call(home, "--demo", "status", "--night", str(FIRST), **bucket)
        assert (said.returncode, said.stdout.splitlines()[-1]) == (1, f"Red: {red.value}")


def test_what_kept_a_crawl_from_its_end_is_told_as_it_was_the_last_time(
    tmp_path: Path, folder: Path, s3_settings: S3Settings
) -> None:
    card = demo_card("faro", spider="ownpress.later", discoveries=[])
    with open_home(make_home(tmp_path / "home", card), s3_settings) as archive:
        for number, (code, why) in enumerate(
            ((BROKEN["leaving"], "SystemExit: no"), (BROKEN["dying"], "not finished"))
        ):
            (folder / "later.py").write_text(str(code))
            run = run_of(archive, f"try-{number}")
            with pytest.raises(RunFailedError, match=f"{why}$"):
                take_steps(archive, run, plan(archive, run))
