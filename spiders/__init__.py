"""How pages are fetched: Scrapy runs the process, and we record every byte sent and received."""
