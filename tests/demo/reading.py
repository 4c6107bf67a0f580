"""A client that reads the demo newspapers over one connection, like a crawler."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from lxml import etree

from hemeroteca.demo import Newspapers, Paper
from tests.waiting import HANGS_SECONDS

LINK = re.compile(r'<a href="([^"]+)">')


class Page(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        charset = "windows-1252" if "1252" in self.headers.get("Content-Type", "") else "utf-8"
        return self.body.decode(charset)

    @property
    def locations(self) -> list[str]:
        """The ``loc`` of a sitemap, which must be well-formed XML."""
        return [element.text or "" for element in etree.fromstring(self.body).iter("{*}loc")]

    @property
    def news_article(self) -> dict[str, object]:
        found = re.search(r'<script type="application/ld\+json">(.*?)</script>', self.text)
        assert found
        article: dict[str, object] = json.loads(found[1])
        return article


class Reader:
    def __init__(self, port: int) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=HANGS_SECONDS)

    def read(self, paper: Paper, path: str, **headers: str) -> Page:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.connection.request("GET", path, headers={"Host": paper.host} | named)
        response = self.connection.getresponse()
        return Page(response.status, dict(response.getheaders()), response.read())


@contextmanager
def reading(newspapers: Newspapers) -> Iterator[Reader]:
    with newspapers:
        reader = Reader(newspapers.port)
        try:
            yield reader
        finally:
            reader.connection.close()
