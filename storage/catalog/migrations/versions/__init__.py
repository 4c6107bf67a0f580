"""One module for each change of the catalog's tables, applied in this order."""
