"""One source's crawl: what is asked for, and how each address ended."""
