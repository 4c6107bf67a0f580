"""What is said of a finished text: confidence, quality flags, translation residue, MinHash signature."""
