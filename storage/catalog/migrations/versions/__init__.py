"""One module a change of the catalog's tables, applied in this order."""
