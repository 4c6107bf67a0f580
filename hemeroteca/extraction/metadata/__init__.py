"""What a page says about its article, and how each of it is known: rules over one parsed tree, none for one host."""
