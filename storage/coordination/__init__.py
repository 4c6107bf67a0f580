"""What processes agree on before they act: host leases, plans, notes and locks."""

from storage.coordination.agreements import LEASE_SECONDS, Coordination
from storage.coordination.shared_tables import Lease

__all__ = ["LEASE_SECONDS", "Coordination", "Lease"]
