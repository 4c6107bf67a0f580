"""What may be fetched: scope, robots.txt, traps, conditional requests. Nothing here fetches anything."""
