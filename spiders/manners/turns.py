"""Turns at hosts: one request at a time to a host, with a delay, and only while this process holds the host's lease.

All sources of a process share them, so that two newspapers on one host keep one distance. A thread renews the leases
every 30 seconds, because a busy reactor must not lose them.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog

from spiders.manners.backoff import (
    MOST_SLOWDOWN,
    PAUSES,
    QUIET_SECONDS,
    Pauses,
    adapt_distance_seconds,
    find_next_midnight,
)
from spiders.policy.scope import Verdict
from storage.coordination import LEASE_SECONDS, Coordination, Lease
from storage.model.errors import FencedError, StorageError

log = structlog.get_logger()

RENEW_SECONDS = 30.0
FOREIGN_WAIT_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 600.0
"""A host that must be left alone for longer is not waited for."""
UNANSWERED = 3
"""So many timeouts or broken connections in a row make the host back off."""
REFUSALS = 5
"""After a host refused us so many articles in a row, it is not asked again tonight."""
_POLL_SECONDS = 1.0
_MARGIN_SECONDS = 50.0  # an exchange that begins now may last so long: DOWNLOAD_TIMEOUT and its connection


class NoTurnError(Exception):
    """The host must not be asked now; ``verdict`` is what that means for the URL."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.verdict = Verdict("skipped", reason)


class Visit(NamedTuple):
    """A wish for a turn at *host* (``name:port``): by whom, how spaced, until when; *keep*: for the whole crawl."""

    host: str
    holder: str
    delay_seconds: float
    until: datetime
    keep: bool


@dataclass
class _Host:
    """The state of one host in this process. *keepers* are the holders that need it for their whole crawl."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    keepers: list[str] = field(default_factory=list)
    lease: Lease | None = None
    expires: datetime | None = None
    lost: bool = False
    delay_seconds: float = 0.0
    quiet_since: float = -math.inf
    not_before: datetime | None = None
    slowed_seconds: float = 0.0
    strikes: int = 0
    unanswered: int = 0
    refusals: int = 0

    @property
    def distance_seconds(self) -> float:
        return max(self.delay_seconds, min(self.slowed_seconds, MOST_SLOWDOWN * self.delay_seconds))


class Turns:
    """The turns of a process. Without *coordination* there are no leases, only turns and delays."""

    def __init__(
        self, coordination: Coordination | None, clock: Callable[[], datetime], pauses: Pauses = PAUSES
    ) -> None:
        self._coordination = coordination
        self._clock = clock
        self._pauses = pauses
        self._hosts: dict[str, _Host] = {}
        self._of_ended: list[Lease] = []
        self._guard = threading.Lock()
        self._closing = threading.Event()
        if coordination is not None:
            threading.Thread(target=self._keep_renewing, name="leases", daemon=True).start()

    @asynccontextmanager
    async def turn(self, visit: Visit) -> AsyncIterator[None]:
        """Wait for a turn and hold it; the delay counts from its end.

        Raises NoTurnError (budget, host_busy, host_blocked); FencedError when the lease was lost, and the source must
        stop; StorageError when coordination does not respond.
        """
        host = self._hosts.setdefault(visit.host, _Host())
        host.delay_seconds = max(host.delay_seconds, visit.delay_seconds)
        if visit.keep and visit.holder not in host.keepers:
            host.keepers.append(visit.holder)
        async with host.turn:
            await self._take(host, visit)
            try:
                await self._pause(host, visit)
                await self._still_ours(visit.host, host)
                try:
                    yield
                finally:
                    host.quiet_since = time.monotonic()
            finally:
                if not host.keepers:
                    await self._give_back(host)

    async def push_back(self, name: str, until: datetime) -> None:
        """Let no process ask the host before *until*."""
        host = self._hosts.setdefault(name, _Host())
        host.not_before = max(host.not_before or until, until)
        if self._coordination is not None:
            await asyncio.to_thread(self._coordination.push_back, name, until)

    def note_answer(self, name: str, seconds: float, is_good: bool) -> None:
        """Note that the host took *seconds* to respond, so that a slow one is asked more slowly."""
        host = self._hosts.setdefault(name, _Host())
        host.slowed_seconds = adapt_distance_seconds(host.slowed_seconds, seconds, is_good)
        host.unanswered = 0

    async def note_silence(self, name: str, seconds: float) -> float:
        """Note that no whole response came within *seconds*; return for how long the host is left alone."""
        host = self._hosts.setdefault(name, _Host())
        host.slowed_seconds = adapt_distance_seconds(host.slowed_seconds, seconds, is_good=False)
        host.unanswered += 1
        return await self.back_off(name) if host.unanswered >= UNANSWERED else 0.0

    async def note_article(self, name: str, is_refused: bool) -> None:
        """Note whether an article was refused; after five in a row no process asks the host tonight."""
        host = self._hosts.setdefault(name, _Host())
        host.refusals = host.refusals + 1 if is_refused else 0
        if host.refusals == REFUSALS:
            log.warning("host refuses us", host=name)
            await self.push_back(name, find_next_midnight(self._clock()))

    def is_over(self, name: str) -> bool:
        """Say whether this process is done with the host, which refused five articles in a row."""
        return name in self._hosts and self._hosts[name].refusals >= REFUSALS

    async def back_off(self, name: str, asked_seconds: float | None = None) -> float:
        """Leave the host alone after trouble: as long as it asks, or for a pause that doubles. Return the seconds."""
        host = self._hosts.setdefault(name, _Host())
        now = self._clock()
        forgiven = now - timedelta(seconds=QUIET_SECONDS)
        if self._coordination is not None:
            host.strikes = await asyncio.to_thread(self._coordination.count_strike, name, forgiven)
        else:
            host.strikes = host.strikes + 1 if host.not_before and host.not_before > forgiven else 1
        pause = self._pauses.seconds(host.strikes, asked_seconds)
        log.warning("host left alone", host=name, seconds=round(pause, 1), strikes=host.strikes)
        await self.push_back(name, now + timedelta(seconds=pause))
        return pause

    async def end(self, holder: str) -> list[Lease]:
        """Return the leases *holder* keeps until its manifest is put; they are renewed as long as the process lives.

        A host that another source of this process still needs is handed over to it.
        """
        kept = []
        for host in self._hosts.values():
            if holder in host.keepers:
                host.keepers.remove(holder)
            if host.lease is None or host.lease.holder != holder:
                continue
            if host.keepers:
                await self._hand_over(host, host.keepers[0])
            else:
                kept.append(host.lease)
                self._set(host, None)
        with self._guard:
            self._of_ended += kept
        return kept

    async def abandon(self, holder: str) -> None:
        """Give back the leases of *holder*, whose crawl did not end."""
        kept = await self.end(holder)
        with self._guard:
            self._of_ended = [lease for lease in self._of_ended if lease not in kept]
        if self._coordination is not None:
            held = await asyncio.to_thread(self._coordination.find_leases, holder, self._clock())
            await asyncio.to_thread(self._coordination.release_leases, held)

    def close(self) -> None:
        """Stop renewing; what is held stays held until it expires or its parent gives it back."""
        self._closing.set()

    async def _take(self, host: _Host, visit: Visit) -> None:
        if self._coordination is None or host.lease is not None or host.lost:
            return
        patience = visit.until
        if not visit.keep:
            patience = min(patience, self._clock() + timedelta(seconds=FOREIGN_WAIT_SECONDS))
        while True:
            now = self._clock()
            lease = await asyncio.to_thread(self._coordination.take_lease, visit.host, visit.holder, now)
            if lease is not None:
                break
            if now >= patience:
                raise NoTurnError("host_busy")
            await asyncio.sleep(_POLL_SECONDS)
        self._set(host, lease)
        # the last holder may have asked a moment ago
        host.quiet_since = time.monotonic()
        if lease.not_before is not None:
            host.not_before = max(host.not_before or lease.not_before, lease.not_before)

    async def _pause(self, host: _Host, visit: Visit) -> None:
        while True:
            now = self._clock()
            if now >= visit.until:
                raise NoTurnError("budget")
            asked = (host.not_before - now).total_seconds() if host.not_before else 0.0
            if asked > LONGEST_PAUSE_SECONDS or now + timedelta(seconds=asked) >= visit.until:
                raise NoTurnError("host_blocked")
            pause = max(asked, host.quiet_since + host.distance_seconds - time.monotonic())
            if pause <= 0:
                return
            await asyncio.sleep(min(pause, (visit.until - now).total_seconds()))

    async def _still_ours(self, name: str, host: _Host) -> None:
        """Wait while the lease may expire during an exchange: its renewal may only be late."""
        if self._coordination is None:
            return
        while not host.lost and host.expires is not None:
            left = (host.expires - self._clock()).total_seconds()
            if left > _MARGIN_SECONDS:
                return
            if left <= 0:
                break
            await asyncio.sleep(_POLL_SECONDS)
        host.lost = True
        raise FencedError(f"{name}: the lease was lost")

    async def _hand_over(self, host: _Host, heir: str) -> None:
        assert self._coordination is not None and host.lease is not None
        lease = host.lease
        taken = await asyncio.to_thread(
            self._coordination.take_over_leases, [lease.host], lease.holder, heir, self._clock()
        )
        self._set(host, taken[0] if taken else None)

    async def _give_back(self, host: _Host) -> None:
        if self._coordination is not None and host.lease is not None:
            lease = host.lease
            self._set(host, None)
            await asyncio.to_thread(self._coordination.release_leases, [lease])

    def _set(self, host: _Host, lease: Lease | None) -> None:
        with self._guard:
            host.lease = lease
            host.expires = lease.expires if lease else None

    def _keep_renewing(self) -> None:
        while not self._closing.wait(RENEW_SECONDS):
            try:
                self._renew()
            except StorageError as error:
                log.warning("leases not renewed", reason=str(error))

    def _renew(self) -> None:
        assert self._coordination is not None
        with self._guard:
            hosts = {host.lease: host for host in self._hosts.values() if host.lease is not None}
            ended = list(self._of_ended)
        now = self._clock()
        lost = self._coordination.renew_leases([*hosts, *ended], now)
        with self._guard:
            for lease, host in hosts.items():
                if host.lease is lease:
                    host.lost = host.lost or lease in lost
                    host.expires = now + timedelta(seconds=LEASE_SECONDS)
            self._of_ended = [lease for lease in self._of_ended if lease not in lost]
        for lease in hosts.keys() & set(lost):  # that of an ended source was given back by its parent
            log.warning("lease lost", host=lease.host, holder=lease.holder)
