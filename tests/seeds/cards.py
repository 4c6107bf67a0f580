"""Cards as tests read them: one alone."""

from __future__ import annotations

from pathlib import Path

from storage.cards import Card, check_card, read_card_fields
from storage.model.source import Source


def read_card(path: Path) -> Source:
    return check_card(Card(path, read_card_fields(path)))
