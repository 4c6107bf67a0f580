"""Reading the archive over HTTP: CDX, Memento and the archived bytes."""
