"""One source's crawl: what is fetched, and how each address ended."""
