"""From archived pages to documents: cleaning, site memory, re-extraction."""
