"""How far a text is to be trusted: confidence, quality flags."""
