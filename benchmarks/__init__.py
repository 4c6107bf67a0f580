"""How fast, how small and how right: each module is run by a target of the Makefile."""
