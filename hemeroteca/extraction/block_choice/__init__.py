"""Which blocks of a page are kept as its text: the model's scores, then rules."""
