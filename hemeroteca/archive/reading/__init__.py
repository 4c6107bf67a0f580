"""From an address to its captures, records and documents."""
