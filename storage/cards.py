"""Cards: the YAML files that describe newspapers, one file for each.

A wrong card is refused with a line ``file: field: reason`` for each mistake; the other cards are still read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple, cast

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from storage.model.errors import SeedError
from storage.model.source import ADHOC, Source
from storage.model.suggestions import suggest
from storage.model.wrong_values import place_of, reason_of

_DISCOVERING = "newspaper"  # other spiders may know by themselves where to begin


class Card(NamedTuple):
    """The fields in the card at *path*, laid over those of *template* when there is one."""

    path: Path
    own: dict[str, object]
    template: Card | None = None

    @property
    def id(self) -> object:
        return self.fields.get("id")

    @property
    def fields(self) -> dict[str, object]:
        return (self.template.fields if self.template else {}) | self.own

    def place(self, field: str) -> str:
        """Return the file to edit for *field*."""
        if self.template and field in self.template.fields and field not in self.own:
            return self.template.place(field)
        return display_path(self.path)


class _Loader(yaml.SafeLoader):
    """YAML whose only booleans are true and false (``no`` is Norwegian), and which has no key twice."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        names = [key.value for key, _ in node.value]
        for name in names:
            if names.count(name) > 1:
                raise yaml.MarkedYAMLError(problem=f"{name}: is given twice", problem_mark=node.start_mark)
        return cast(dict[object, object], super().construct_mapping(node, deep))


_BOOLEAN = "tag:yaml.org,2002:bool"
_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if tag != _BOOLEAN]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver(_BOOLEAN, re.compile(r"^(?:true|True|TRUE|false|False|FALSE)$"), list("tTfF"))


def read_cards(folders: Iterable[Path]) -> tuple[list[Source], list[str]]:
    """Return the sources of all cards below *folders* by id, and a line for each mistake in the others."""
    cards, errors = read_card_files(folders)
    sources, wrong = check_cards(cards)
    return sources, errors + wrong


def read_card_files(folders: Iterable[Path]) -> tuple[list[Card], list[str]]:
    """Return every card below *folders* unchecked, and a line for each file that is no card or repeats an id."""
    cards: list[Card] = []
    errors: list[str] = []
    seen: dict[object, Path] = {}
    for path in _files(folders):
        try:
            card = Card(path, read_card_fields(path))
        except SeedError as error:
            errors.append(str(error))
            continue
        first = seen.setdefault(card.id, path) if isinstance(card.id, str) else path
        if first is path:
            cards.append(card)
        else:
            errors.append(f"{display_path(path)}: id: {card.id} is taken by {display_path(first)}")
    return cards, errors


def read_layered_cards(folders: Iterable[Path], home: Path) -> tuple[list[Card], list[str]]:
    """Return the cards below *folders*, with what those below *home* add and change, and the faults of files."""
    templates, errors = read_card_files(folders)
    own, own_errors = read_card_files([home])
    by_id = {card.id: card for card in templates if isinstance(card.id, str)}
    cards = list(templates)
    for card in own:
        template = by_id.get(card.id) if isinstance(card.id, str) else None
        if template:
            cards[cards.index(template)] = Card(card.path, card.own, template)
        elif {"title", "homepage"} & card.own.keys() or card.id is None:
            cards.append(card)
        else:
            own_errors.append(f"{display_path(card.path)}: id: there is no card {card.id} to change")
    return cards, errors + own_errors


def check_cards(cards: Iterable[Card]) -> tuple[list[Source], list[str]]:
    """Return the sources of *cards* by id, and a line for each mistake in the others."""
    sources: list[Source] = []
    errors: list[str] = []
    for card in cards:
        try:
            sources.append(check_card(card))
        except SeedError as error:
            errors += str(error).splitlines()
    return sorted(sources, key=lambda source: source.id), errors


def check_card(card: Card) -> Source:
    """Return the source of *card*. Raises SeedError with a line ``file: field: reason`` for each mistake."""
    lines: list[str] = []
    if card.id == ADHOC:
        lines.append(f"{card.place('id')}: id: {ADHOC} is reserved for single addresses")
    if not card.fields.get("discoveries") and card.fields.get("spider", _DISCOVERING) == _DISCOVERING:
        lines.append(f"{card.place('discoveries')}: discoveries: name at least one feed, sitemap or section")
    try:
        source = Source.model_validate(card.fields)
    except ValidationError as error:
        lines += [_mistake(card, fault) for fault in error.errors()]
        raise SeedError("\n".join(lines)) from None
    if lines:
        raise SeedError("\n".join(lines))
    return source


def read_card_fields(path: Path) -> dict[str, object]:
    """Return the fields of a card, unchecked. Raises SeedError when the file holds no mapping of names."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SeedError(f"{display_path(path)}: file: cannot be read: {error.strerror}") from None
    return parse_card_fields(content, path)


def parse_card_fields(content: bytes, path: Path) -> dict[str, object]:
    """Return the fields in *content*, the text of the card at *path*. Raises SeedError as ``read_card_fields`` does."""
    try:
        fields = yaml.load(content, _Loader)  # noqa: S506  (a SafeLoader)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise SeedError(f"{display_path(path)}: {_where(error)}") from None
    if not isinstance(fields, dict) or not all(isinstance(name, str) for name in fields):
        raise SeedError(f"{display_path(path)}: file: must be a mapping of fields, like `id: es-example`")
    return fields


def display_path(path: Path) -> str:
    """Return *path* as a person would type it here."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _files(folders: Iterable[Path]) -> list[Path]:
    found = {path for folder in folders for path in folder.rglob("*.y*ml") if path.suffix in (".yaml", ".yml")}
    return sorted(path for path in found if not path.name.startswith("."))


def _mistake(card: Card, fault: ErrorDetails) -> str:
    location = fault["loc"]
    hint = suggest(str(location[0]), Source.model_fields) if fault["type"] == "extra_forbidden" else ""
    place = card.place(str(location[0]) if location else "")
    return f"{place}: {place_of(location) or 'card'}: {reason_of(fault)}{hint}"


def _where(error: Exception) -> str:
    """Return the line and the fault of a YAML error, on one line."""
    mark = getattr(error, "problem_mark", None)
    fault = getattr(error, "problem", None) or next(iter(str(error).splitlines()), type(error).__name__)
    return f"line {mark.line + 1}: {fault}" if mark else f"file: {fault}"
