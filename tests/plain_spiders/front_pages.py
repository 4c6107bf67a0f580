import scrapy


class FrontPagesSpider(scrapy.Spider):
    name = "front_pages"
    start_urls = ["http://faro.hemeroteca.test/"]

    def parse(self, response):
        yield from response.follow_all(css="nav a", callback=self.parse)
        yield from response.follow_all(css=".teaser a, .most-read a", callback=self.parse_story)

    def parse_story(self, response):
        yield {
            "headline": response.css("h1::text").get(),
            "paragraphs": len(response.css(".story-body p")),
        }
