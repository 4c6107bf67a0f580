"""The night: the day, in UTC, that a crawl belongs to, with its captures, documents, manifests and keys."""

from __future__ import annotations

from datetime import date

Night = date
"""A day of the calendar. JSON, Parquet and the catalog have it as text: ``2026-03-01``."""
