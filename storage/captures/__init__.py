"""What we write into WARC files, and how it is read back: exchanges, records, indexes."""
