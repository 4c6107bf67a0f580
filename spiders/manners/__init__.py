"""How politely hosts are asked: turns, leases, back-off."""
