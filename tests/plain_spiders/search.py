from dataclasses import dataclass

import scrapy
from scrapy.spidermiddlewares.httperror import HttpError


class Story(scrapy.Item):
    headline = scrapy.Field()
    word = scrapy.Field()


@dataclass
class Failure:
    url: str
    error: str
    status: int | None = None


class SearchSpider(scrapy.Spider):
    name = "search"
    custom_settings = {
        "DOWNLOAD_DELAY": 0,
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "AUTOTHROTTLE_ENABLED": False,
        "RETRY_TIMES": 1,
    }

    def __init__(self, words="puerto,mar", **kwargs):
        super().__init__(**kwargs)
        self.words = words.split(",")

    async def start(self):
        yield scrapy.Request("http://faro.hemeroteca.test/search", callback=self.parse_form)

    async def parse_form(self, response):
        for word in self.words:
            yield scrapy.FormRequest.from_response(
                response,
                formid="search",
                formdata={"q": word},
                callback=self.parse_results,
                cb_kwargs={"word": word},
            )

    def parse_results(self, response, word):
        for link in response.css(".teaser a, .most-read a"):
            yield response.follow(
                link,
                callback=self.parse_story,
                errback=self.note_failure,
                cb_kwargs={"word": word},
                headers={"User-Agent": "Mozilla/5.0 (compatible)"},
                meta={"dont_obey_robotstxt": True},
                priority=10,
            )

    def parse_story(self, response, word):
        item = Story(word=word)
        item["headline"] = response.css("h1::text").get()
        return item

    def note_failure(self, failure):
        status = failure.value.response.status if failure.check(HttpError) else None
        yield Failure(failure.request.url, type(failure.value).__name__, status)
