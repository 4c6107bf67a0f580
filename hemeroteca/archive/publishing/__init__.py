"""From manifests to what is read: the catalog, the analyst's tables, and the verdict on a run."""
