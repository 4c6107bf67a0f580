"""What processes agree on before they act: host leases, plans, notes and locks. Not derived, so stored apart.

SQLite        coordination.sqlite, and beside it coordination.locks/{name} while somebody holds or wants the lock
PostgreSQL    schema hemeroteca_coordination, and advisory locks
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, delete, select

from storage.coordination import leases as host_leases
from storage.coordination.locks import advisory_lock, file_lock, sweep_locks
from storage.coordination.shared_tables import Lease, metadata, notes, plan_shards, plans
from storage.database import (
    create_database,
    execute_all,
    insert_into,
    is_sqlite,
    list_databases,
    open_engine,
    parse_database_url,
    reading,
    split_batches,
    sqlite_file,
    writing,
)

LEASE_SECONDS = 120.0
_SCHEMA = "hemeroteca_coordination"
_NAMES_AT_ONCE = 500


class Coordination:
    """One coordination database; threads may share it. Every call is one short transaction.

    Times are the caller's clock, so machines that share a database must agree on the time.
    """

    def __init__(self, url: URL) -> None:
        self._url = url
        self._name = sqlite_file(url).name if is_sqlite(url) else _SCHEMA
        self._engine = open_engine(url, self._name)

    @classmethod
    def open(cls, url: str) -> Coordination:
        """Open the database at *url*, created when it is missing. Raises SeedError for an address of another kind."""
        coordination = cls(parse_database_url(url))
        if is_sqlite(coordination._url):
            sweep_locks(coordination._locks_folder())
        with coordination.lock("coordination schema"):
            if coordination._name not in list_databases(coordination._url):
                create_database(coordination._url, coordination._name)
            with writing(coordination._engine) as connection:
                metadata.create_all(connection)
        return coordination

    def close(self) -> None:
        self._engine.dispose()

    def take_lease(self, host: str, holder: str, now: datetime, ttl_seconds: float = LEASE_SECONDS) -> Lease | None:
        """Take the lease of *host*, or extend it under its fence when *holder* has it; None while another has it."""
        with writing(self._engine) as connection:
            return host_leases.take(connection, host, holder, now, now + timedelta(seconds=ttl_seconds))

    def renew_leases(self, leases: Iterable[Lease], now: datetime, ttl_seconds: float = LEASE_SECONDS) -> list[Lease]:
        """Extend *leases* and return the lost ones: those that expired, or that another took."""
        expires = now + timedelta(seconds=ttl_seconds)
        with writing(self._engine) as connection:
            wanted = host_leases.in_order(leases)
            return [lease for lease in wanted if not host_leases.renew(connection, lease, now, expires)]

    def take_over_leases(self, hosts: Iterable[str], old_holder: str, new_holder: str, now: datetime) -> list[Lease]:
        """Take and return the leases of *hosts* that *old_holder* has or nobody has; those of others are left out.

        For a retry that holds its predecessor's lock: the predecessor is fenced from here on.
        """
        expires = now + timedelta(seconds=LEASE_SECONDS)
        wanted = [Lease(host=host, holder=new_holder, fence=1, expires=expires) for host in set(hosts)]
        with writing(self._engine) as connection:
            asked = host_leases.in_order(wanted)
            taken = [host_leases.take_over(connection, lease, old_holder, now) for lease in asked]
        return [lease for lease in taken if lease]

    def release_leases(self, leases: Iterable[Lease]) -> None:
        """Give *leases* back; nothing happens to those that are lost already."""
        with writing(self._engine) as connection:
            for lease in host_leases.in_order(leases):
                host_leases.release(connection, lease)

    def find_leases(self, holder: str, now: datetime) -> list[Lease]:
        """Return the leases that *holder* has, by host."""
        with reading(self._engine) as connection:
            return host_leases.held_by(connection, holder, now)

    def push_back(self, host: str, until: datetime) -> None:
        """Let nobody ask *host* before *until* (``Lease.not_before``); an earlier time changes nothing."""
        with writing(self._engine) as connection:
            host_leases.push_back(connection, host, until)

    def count_strike(self, host: str, forgiven: datetime) -> int:
        """Count one more failure of *host* and return how many came in a row. See ``leases.strike``."""
        with writing(self._engine) as connection:
            return host_leases.strike(connection, host, forgiven)

    def find_not_before(self, host: str) -> datetime | None:
        """Return until when *host* must not be asked; the time may be past."""
        with reading(self._engine) as connection:
            return host_leases.not_before(connection, host)

    def save_plan(self, run: str, plan: str, shards: Iterable[str]) -> str:
        """Save the plan of *run* and its *shards*, all or nothing, unless it has one; return the plan that it has."""
        with writing(self._engine) as connection:
            new = insert_into(connection, plans).values(run=run, plan=plan).on_conflict_do_nothing()
            if connection.execute(new.returning(plans.c.run)).first():
                rows = [{"run": run, "number": number, "shard": shard} for number, shard in enumerate(shards)]
                execute_all(connection, plan_shards.insert(), rows)
                return plan
            kept: str = connection.execute(select(plans.c.plan).where(plans.c.run == run)).scalar_one()
            return kept

    def read_plan(self, run: str) -> str | None:
        """Return the plan of *run* without its shards."""
        with reading(self._engine) as connection:
            plan: str | None = connection.scalar(select(plans.c.plan).where(plans.c.run == run))
            return plan

    def read_shard(self, run: str, number: int) -> str | None:
        of_this = (plan_shards.c.run == run) & (plan_shards.c.number == number)
        with reading(self._engine) as connection:
            shard: str | None = connection.scalar(select(plan_shards.c.shard).where(of_this))
            return shard

    def read_shards(self, run: str) -> Iterator[str]:
        """Yield the shards of the plan of *run*, in their order, one by one."""
        query = select(plan_shards.c.shard).where(plan_shards.c.run == run).order_by(plan_shards.c.number)
        with reading(self._engine) as connection:
            yield from connection.execution_options(yield_per=1).scalars(query)

    def list_runs(self) -> list[str]:
        """Return the runs that have a plan, sorted."""
        with reading(self._engine) as connection:
            return list(connection.scalars(select(plans.c.run).order_by(plans.c.run)))

    def forget_run(self, run: str, note_names: Iterable[str]) -> None:
        """Remove the plan of *run*, its shards and the notes of those names, all or nothing."""
        with writing(self._engine) as connection:
            connection.execute(delete(plan_shards).where(plan_shards.c.run == run))
            connection.execute(delete(plans).where(plans.c.run == run))
            for names in split_batches(note_names, _NAMES_AT_ONCE):
                connection.execute(delete(notes).where(notes.c.name.in_(names)))

    def write_note(self, name: str, value: str) -> None:
        """Save a short text; a later one of the same *name* replaces it."""
        with writing(self._engine) as connection:
            new = insert_into(connection, notes).values(name=name, value=value)
            connection.execute(new.on_conflict_do_update(index_elements=[notes.c.name], set_={"value": value}))

    def read_note(self, name: str) -> str | None:
        with reading(self._engine) as connection:
            value: str | None = connection.scalar(select(notes.c.value).where(notes.c.name == name))
            return value

    def read_notes(self, prefix: str) -> dict[str, str]:
        """Return every note whose name begins with *prefix*, by name."""
        with reading(self._engine) as connection:
            wanted = notes.c.name.startswith(prefix, autoescape=True)
            found = connection.execute(select(notes).where(wanted).order_by(notes.c.name))
            return {row.name: row.value for row in found}

    def remove_note(self, name: str) -> None:
        with writing(self._engine) as connection:
            connection.execute(delete(notes).where(notes.c.name == name))

    def remove_notes(self, prefix: str) -> None:
        """Remove every note whose name begins with *prefix*."""
        with writing(self._engine) as connection:
            connection.execute(delete(notes).where(notes.c.name.startswith(prefix, autoescape=True)))

    def try_lock(self, name: str) -> AbstractContextManager[bool]:
        """Hold the lock *name* within a ``with`` block if nobody has it now: its value says so. See ``lock``."""
        return self._lock(name, wait=False)

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Hold the lock *name* within a ``with`` block: no other process or thread has it meanwhile.

        Waits as long as it takes. Never take one twice: that waits for ever. It ends with the process.
        """
        return self._lock(name, wait=True)

    def _lock(self, name: str, *, wait: bool) -> AbstractContextManager[bool]:
        if is_sqlite(self._url):
            return file_lock(self._locks_folder(), name, wait=wait)
        return advisory_lock(self._engine, name, wait=wait)

    def _locks_folder(self) -> Path:
        return sqlite_file(self._url).with_suffix(".locks")
