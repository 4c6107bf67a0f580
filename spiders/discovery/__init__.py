"""What announces articles: feeds, sitemaps, sections."""
