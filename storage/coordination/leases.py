"""Host leases: exclusive, fenced, and gone for good once they have expired. Within the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, case, or_, select, update

from storage.coordination.shared_tables import Lease, leases, strikes
from storage.database import insert_into

_FREE: dict[str, Any] = {"holder": None, "expires": None}


def take(connection: Connection, host: str, holder: str, now: datetime, expires: datetime) -> Lease | None:
    """Take the lease of *host*, or extend it when *holder* has it; None when another has it."""
    free = or_(leases.c.holder.is_(None), leases.c.expires <= now)
    return _seize(connection, Lease(host=host, holder=holder, fence=1, expires=expires), free, now)


def take_over(connection: Connection, lease: Lease, old_holder: str, now: datetime) -> Lease | None:
    """Take *lease* as ``take`` does, but also from *old_holder* while it lasts."""
    free = or_(leases.c.holder.is_(None), leases.c.expires <= now, leases.c.holder == old_holder)
    return _seize(connection, lease, free, now)


def _seize(connection: Connection, wanted: Lease, free: ColumnElement[bool], now: datetime) -> Lease | None:
    new = insert_into(connection, leases).values(wanted.model_dump())
    own = and_(leases.c.holder == wanted.holder, leases.c.expires > now)
    change = {
        "holder": wanted.holder,
        "expires": wanted.expires,
        "fence": case((own, leases.c.fence), else_=leases.c.fence + 1),
    }
    upsert = new.on_conflict_do_update(index_elements=[leases.c.host], set_=change, where=or_(own, free))
    row = connection.execute(upsert.returning(leases)).first()
    return _lease(row) if row else None


def renew(connection: Connection, lease: Lease, now: datetime, expires: datetime) -> bool:
    """Extend *lease*; False when it is lost. One that expired stays lost, even if nobody took it."""
    held = update(leases).where(_is(lease), leases.c.expires > now).values(expires=expires)
    if connection.execute(held).rowcount == 1:
        return True
    connection.execute(update(leases).where(_is(lease)).values(_FREE))
    return False


def release(connection: Connection, lease: Lease) -> None:
    connection.execute(update(leases).where(_is(lease)).values(_FREE))


def held_by(connection: Connection, holder: str, now: datetime) -> list[Lease]:
    own = select(leases).where(leases.c.holder == holder, leases.c.expires > now)
    return [_lease(row) for row in connection.execute(own.order_by(leases.c.host))]


def push_back(connection: Connection, host: str, until: datetime) -> None:
    """Let nobody ask *host* before *until*; a later time that was set before stays."""
    new = insert_into(connection, leases).values(host=host, fence=0, not_before=until)
    sooner = or_(leases.c.not_before.is_(None), leases.c.not_before < until)
    connection.execute(
        new.on_conflict_do_update(index_elements=[leases.c.host], set_={"not_before": until}, where=sooner)
    )


def not_before(connection: Connection, host: str) -> datetime | None:
    until: datetime | None = connection.scalar(select(leases.c.not_before).where(leases.c.host == host))
    return until


def strike(connection: Connection, host: str, forgiven: datetime) -> int:
    """Count one more failure of *host* and return how many there are; from 1 when its pause ended by *forgiven*."""
    until = not_before(connection, host)
    starts_again = until is None or until <= forgiven
    new = insert_into(connection, strikes).values(host=host, strikes=1)
    change = {"strikes": 1 if starts_again else strikes.c.strikes + 1}
    upsert = new.on_conflict_do_update(index_elements=[strikes.c.host], set_=change)
    count: int = connection.execute(upsert.returning(strikes.c.strikes)).scalar_one()
    return count


def in_order(wanted: Iterable[Lease]) -> list[Lease]:
    """Return *wanted* by host: two processes that lock rows in one order never wait for each other."""
    return sorted(wanted, key=lambda lease: lease.host)


def _is(lease: Lease) -> ColumnElement[bool]:
    return and_(leases.c.host == lease.host, leases.c.holder == lease.holder, leases.c.fence == lease.fence)


def _lease(row: Row[Any]) -> Lease:
    return Lease(**row._mapping)
