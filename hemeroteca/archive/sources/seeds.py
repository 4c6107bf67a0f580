"""Which newspapers an archive has: the cards of the checkout, and what the home's own cards add and change.

{checkout}/seeds/{country}/{name}.yaml    templates, which nothing edits; seeds/demo is the demo's alone
{home}/seeds/**/*.yaml                    a card of the home's own, or an overlay: an id and the fields it changes
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from hemeroteca.configuration import CHECKOUT, Settings
from storage.cards import Card, check_card, check_cards, display_path, parse_card_fields, read_layered_cards
from storage.files import PRIVATE_FOLDER, create_whole, replace_whole
from storage.model.errors import SeedError
from storage.model.source import Source, site_name
from storage.model.suggestions import suggest

_ENABLED_LINE = re.compile(r"^enabled[ \t]*:.*$", re.MULTILINE)


def read_sources(settings: Settings) -> tuple[list[Source], list[str]]:
    """Return the sources of an archive, and a line ``file: field: reason`` for each mistake in a card."""
    cards, errors = _cards(settings)
    found, wrong = check_cards(cards)
    return found, errors + wrong


def find_field_file(settings: Settings, source_id: str, field: str) -> str:
    """Return the file that says *field* of a source. Raises SeedError when there is no such source."""
    return _find(settings, source_id).place(field)


def find_title(settings: Settings, source_id: str, url: str) -> str:
    """Return the title of a source, as its card says it now; the host of *url* where no card does."""
    titles = {card.id: card.fields.get("title") for card in _cards(settings)[0]}
    return str(titles.get(source_id) or urlsplit(url).hostname or url)


def enable_source(settings: Settings, source_id: str, enabled: bool = True) -> Path:
    """Switch a source on or off in the home's seeds, and return the file that was changed; its comments stay.

    Raises SeedError when there is no such source, its card is wrong, or the home's card must be edited by hand.
    """
    settings.home.check()
    card = _find(settings, source_id)
    check_card(card)
    settings.home.make()
    line = f"enabled: {str(enabled).lower()}"
    if card.path.is_relative_to(settings.home.seeds):
        before = card.path.read_text()
        content = _ENABLED_LINE.sub(line, before) if _ENABLED_LINE.search(before) else f"{before.rstrip()}\n{line}\n"
        return _replace(card.path, content, card.own | {"enabled": enabled})
    overlay = settings.home.seeds / f"{source_id}.yaml"
    if overlay.exists():
        raise SeedError(f"{display_path(overlay)}: id: is not {source_id}; rename the file")
    return _replace(overlay, f"id: {source_id}\n{line}\n", {"id": source_id, "enabled": enabled})


def check_new_source(settings: Settings, source: Source) -> Path:
    """Return where the card of a new source goes. Raises SeedError when its id or one of its hosts is taken."""
    for card in _cards(settings)[0]:
        hosts = card.fields.get("hosts") or [urlsplit(str(card.fields.get("homepage", ""))).hostname]
        if card.id == source.id or set(map(site_name, source.hosts)) & set(_site_names(hosts)):
            raise SeedError(f"{display_path(card.path)}: id: {card.id} is this newspaper's card already")
    return _find_new_place(settings, source.id)


def _site_names(hosts: object) -> Iterator[str]:
    """Yield the names of the *hosts* of a card, as far as they are any."""
    for host in hosts if isinstance(hosts, list) else ():
        with suppress(ValueError):
            yield site_name(host) if isinstance(host, str) else ""


def check_new_spider(settings: Settings, source_id: str, spider: str) -> Path:
    """Return where the card of a new source with a new spider goes. Raises SeedError when a card has one of its names.

    Another card may have its hosts: a spider can be tried beside the one that there is.
    """
    for card in _cards(settings)[0]:
        if card.id == source_id:
            raise SeedError(f"{display_path(card.path)}: id: {source_id} is taken")
        if card.fields.get("spider") == spider:
            raise SeedError(f"{display_path(card.path)}: spider: {spider} is taken")
    return _find_new_place(settings, source_id)


def _find_new_place(settings: Settings, source_id: str) -> Path:
    settings.home.check()
    path = settings.home.seeds / f"{source_id}.yaml"
    if path.exists():
        raise SeedError(f"{display_path(path)}: file: exists already")
    return path


def write_new_card(path: Path, content: str) -> Source:
    """Put the card *content* at *path*, whole or not at all. Raises SeedError when it is wrong."""
    source = check_card(Card(path, parse_card_fields(content.encode(), path)))
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    try:
        create_whole(path, content)
    except FileExistsError:
        raise SeedError(f"{display_path(path)}: file: exists already") from None
    return source


def _cards(settings: Settings) -> tuple[list[Card], list[str]]:
    return read_layered_cards(_template_folders(settings), settings.home.seeds)


def _template_folders(settings: Settings) -> list[Path]:
    if settings.seeds:
        if not settings.seeds.is_dir():
            raise SeedError(f"HEMEROTECA_SEEDS: {settings.seeds} is not a folder: name an existing one")
        return [settings.seeds]
    seeds = CHECKOUT / "seeds"
    if settings.demo:
        return [seeds / "demo"]
    return sorted(folder for folder in seeds.iterdir() if folder.is_dir() and folder.name != "demo")


def _find(settings: Settings, source_id: str) -> Card:
    cards = _cards(settings)[0]
    for card in cards:
        if card.id == source_id:
            return card
    raise SeedError(tell_unknown_source(source_id, (str(card.id) for card in cards)))


def tell_unknown_source(source_id: str, known: Iterable[str]) -> str:
    """Return that there is no source *source_id*, which of the *known* ones may be meant, and what shows them all."""
    return f"sources: {source_id}: no such source{suggest(source_id, known)}; `hemeroteca sources list` shows them all"


def _replace(path: Path, content: str, meaning: dict[str, object]) -> Path:
    """Put *content* at *path*, whole or not at all, when it reads as *meaning*."""
    if not _reads_as(content, path, meaning):
        raise SeedError(f"{display_path(path)}: enabled: set it by hand: this layout cannot be edited for you")
    path.parent.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    replace_whole(path, content)
    return path


def _reads_as(content: str, path: Path, meaning: dict[str, object]) -> bool:
    try:
        return parse_card_fields(content.encode(), path) == meaning
    except SeedError:
        return False
