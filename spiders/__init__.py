"""How pages are fetched: Scrapy runs the process, the wire is recorded by us."""
