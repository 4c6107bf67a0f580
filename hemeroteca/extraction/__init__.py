"""From the bytes of a page to its clean text and metadata; knows nothing of the archive."""
