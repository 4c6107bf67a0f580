"""Extracting archived pages again: drafts, how they differ from the current documents, and making them current."""
