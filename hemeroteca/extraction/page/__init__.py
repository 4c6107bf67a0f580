"""One page: its encoding, its tree, and the blocks that a reader sees."""
