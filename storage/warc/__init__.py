"""WARC files: exchanges as they crossed the wire, written once, read back by offset."""
