"""Watching the newspapers: what keeps one from being archived well, and what to do about it."""
