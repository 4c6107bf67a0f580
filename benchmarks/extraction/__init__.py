"""How good the text is, how fast it is extracted, and the training of the block models."""
