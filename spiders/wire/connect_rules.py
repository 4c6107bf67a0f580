"""Rules that send connections elsewhere, like curl's ``--connect-to``: only to loopback addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from spiders.wire.addresses import is_loopback
from storage.model.errors import SeedError

_RULE = re.compile(r"(\[[^\]]*\]|[^:\[\]]*):(\d*):(\[[^\]]*\]|[^:\[\]]*):(\d*)")


class ConnectRule(NamedTuple):
    """One ``HOST1:PORT1:HOST2:PORT2``; an empty part is None and means any (1) or unchanged (2)."""

    host: str | None
    port: int | None
    to_host: str | None
    to_port: int | None


def read_connect_to(entries: Iterable[str]) -> tuple[ConnectRule, ...]:
    """Parse curl's ``--connect-to`` entries. Raises SeedError for a target that is no loopback address."""
    rules = []
    for entry in entries:
        match = _RULE.fullmatch(entry.strip())
        if not match:
            raise SeedError(f"connect_to: {entry}: must be HOST1:PORT1:HOST2:PORT2")
        host, port, to_host, to_port = match.groups()
        target = to_host.strip("[]")
        if target and not is_loopback(target):
            raise SeedError(f"connect_to: {entry}: {target} is not a loopback address")
        rules.append(ConnectRule(host.strip("[]").lower() or None, _number(port), target or None, _number(to_port)))
    return tuple(rules)


def _number(text: str) -> int | None:
    return int(text) if text else None


def find_target(rules: Sequence[ConnectRule], host: str, port: int) -> tuple[str, int]:
    """Return the host and port to connect to: those of the first rule that fits, else *host* and *port*."""
    for rule in rules:
        if rule.host in (None, host.lower()) and rule.port in (None, port):
            return rule.to_host or host, rule.to_port or port
    return host, port
