"""Access: the one place that says who may read what. Every door to captures asks it."""

from __future__ import annotations

from typing import Literal

Role = Literal["public", "reader", "researcher", "curator"]
"""Who reads, from the one who may least."""


def may_read(role: Role, urlkey: str) -> bool:
    """Say whether *role* may read what was captured of the address with *urlkey*.

    Today everybody who is let in may read everything; rules that hide, block or embargo belong here.
    """
    return bool(role and urlkey)
