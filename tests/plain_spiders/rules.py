from scrapy.linkextractors import LinkExtractor
from scrapy.spiders import CrawlSpider, Rule


class RulesSpider(CrawlSpider):
    name = "rules"
    allowed_domains = ["anzeiger.hemeroteca.test"]
    start_urls = ["http://anzeiger.hemeroteca.test/"]

    rules = (
        Rule(LinkExtractor(restrict_css="nav")),
        Rule(LinkExtractor(allow=r"/\d{4}/\d{2}/\d{2}/"), callback="parse_story"),
        Rule(LinkExtractor(allow=r"/hintergrund/."), callback="parse_feature"),
    )

    def parse_story(self, response):
        return {"headline": response.css("h1::text").get().strip()}

    def parse_feature(self, response):
        # the site changed its markup, and this selector finds nothing any more
        return {"series": response.css(".series-name::text").get().strip()}
