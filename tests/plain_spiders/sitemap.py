from scrapy.spiders import SitemapSpider


class CourierSpider(SitemapSpider):
    name = "sitemap"
    sitemap_urls = ["http://courier.hemeroteca.test/robots.txt"]
    sitemap_rules = [(r"/\d{4}/\d{2}/\d{2}/", "parse_story")]

    def parse_story(self, response):
        self.crawler.stats.inc_value("stories")
        yield {"headline": response.css("h1::text").get(), "date": response.css("time::attr(datetime)").get()}

    def closed(self, reason):
        self.logger.info("%s stories", self.crawler.stats.get_value("stories"))
