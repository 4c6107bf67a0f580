"""Plain Scrapy spiders as newspapers' spiders: the Scrapy components that archive what they request."""
