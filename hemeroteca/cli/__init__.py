"""How people ask: the command `hemeroteca`."""
