"""What may be asked for: scope, robots.txt, traps, conditional requests. Nothing here fetches."""
