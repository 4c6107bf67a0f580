"""Plain Scrapy spiders as newspapers' spiders: the Scrapy components by which what they ask for is archived."""
