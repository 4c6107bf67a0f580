"""How fast, how small and how accurate: each module is run by a target of the Makefile."""
