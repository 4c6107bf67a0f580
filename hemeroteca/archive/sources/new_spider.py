"""A new newspaper with its own Scrapy spider: the card in the home, the spider in the checkout's ``spiders/``."""

from __future__ import annotations

import keyword
import re
from pathlib import Path
from typing import NamedTuple

from hemeroteca.archive.sources.seeds import check_new_spider, write_new_card
from hemeroteca.archive.sources.spider_templates import TemplateName, write_spider_code
from hemeroteca.archive.sources.survey_findings import PRIVATE_HOSTS, make_survey_card, write_yaml
from hemeroteca.configuration import CHECKOUT, Settings
from spiders.wire.addresses import is_loopback
from storage.cards import display_path
from storage.files import create_whole
from storage.model.errors import SeedError
from storage.model.source import Source

_PUBLIC_FILE = 0o644  # it is code, as its neighbours
_NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")

_CARD = """\
# Written by `hemeroteca sources new`. `hemeroteca sources enable {id}` starts it.
{fields}# language: the language of its articles (BCP 47): en, pt-BR. hosts: all hosts of its pages.
# article: ['/\\d{{4}}/\\d{{2}}/']       # addresses that become documents; without it, all that its start pages link to
# item_fields: {{title: headline}}   # item fields that documents use
"""


class NewNewspaper(NamedTuple):
    """What was written for a new newspaper."""

    source: Source
    card: Path
    spider: Path


def write_newspaper(settings: Settings, name: str, template: TemplateName, homepage: str) -> NewNewspaper:
    """Write a spider called *name* and a card that names it, switched off.

    Raises SeedError when the name is no module's or is taken, StorageError when nothing can be written there.
    """
    if not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise SeedError(f"name: {name}: must be a Python module's: lower-case letters, digits, single underscores")
    drafted = make_survey_card(settings, homepage, name.replace("_", "-"))
    card = check_new_spider(settings, drafted.id, name)
    spider = CHECKOUT / "spiders" / f"{name}.py"
    if spider.exists() or spider.with_suffix("").exists():
        raise SeedError(f"{display_path(spider)}: name: {name} is taken")
    _write_spider(spider, write_spider_code(template, name, drafted.homepage))
    try:
        return NewNewspaper(write_new_card(card, _draft_card(drafted, name)), card, spider)
    except BaseException:
        spider.unlink()
        raise


def _draft_card(drafted: Source, name: str) -> str:
    """Return the card of a newspaper of which nothing is known but its address."""
    is_here = drafted.allow_private or any(map(is_loopback, drafted.hosts))
    fields = {
        "id": drafted.id,
        "title": drafted.title,
        "homepage": drafted.homepage,
        "language": drafted.language,
        **({"country": drafted.country} if drafted.country else {}),
        "hosts": list(drafted.hosts),
        **({"allow_private": True, "delay_seconds": drafted.delay_seconds} if is_here else {}),
        "enabled": False,
        "spider": name,
    }
    note = f"# {PRIVATE_HOSTS}\n" if is_here else ""
    return _CARD.format(id=drafted.id, fields=write_yaml(fields)) + note


def _write_spider(path: Path, code: str) -> None:
    try:
        create_whole(path, code, _PUBLIC_FILE)
    except FileExistsError:
        raise SeedError(f"{display_path(path)}: file: exists already") from None
