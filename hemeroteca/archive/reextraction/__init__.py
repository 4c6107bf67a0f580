"""Extracting again what is archived: drafts, how they differ from what is current, and making them current."""
