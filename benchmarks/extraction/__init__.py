"""How good the text is, how fast it is made, and the training of the block models."""
