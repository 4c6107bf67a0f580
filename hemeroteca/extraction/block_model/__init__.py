"""How likely each block of a page is its text: what the model sees of a block, and the model."""
