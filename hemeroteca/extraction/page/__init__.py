"""One page, read once: its encoding, tree, visible blocks, marked elements and JSON-LD."""
