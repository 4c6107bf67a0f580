"""From manifests to what people read: the catalog, the analyst's tables, and the verdict on a run."""
