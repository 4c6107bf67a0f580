"""WARC files: exchanges exactly as sent and received, written once, read back by offset."""
