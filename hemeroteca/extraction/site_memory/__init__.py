"""What recurs on the pages of one newspaper."""
