"""Scrapy spiders for the demo's newspapers, as users of Scrapy write them: nothing in them knows the archive."""
