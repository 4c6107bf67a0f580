"""The demo newspapers, served beside the archive of a demo home."""

from __future__ import annotations

from hemeroteca.services.children import Children
from hemeroteca.settings import Settings


def start_demo(settings: Settings, children: Children) -> dict[str, str]:
    return {}
