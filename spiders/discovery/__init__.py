"""Documents that announce articles: feeds, sitemaps, sections."""
