"""Politeness to hosts: turns, leases, back-off."""
