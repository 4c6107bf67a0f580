"""Small newspapers that are not the demo's, with one page that kills the crawl process that fetches it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from storage.files import PRIVATE_FOLDER, replace_whole
from tests.spiders.press import Press, Reply, feed

HOSTS = ("first.test", "second.test", "third.test")
LOOSE = "http://loose.test/2026/02/a-page-that-no-newspaper-owns.html"
ARTICLES = ("one", "two", "deadly", "four")
PARAGRAPH = "The harbour office said on Friday that the old quay would be closed for repairs until the autumn. "


def source_id(host: str) -> str:
    return f"xx-{host.partition('.')[0]}"


def article(host: str, name: str) -> str:
    return f"http://{host}/2026/02/28/{name}.html"


@dataclass
class DeadlyPress(Press):
    """``deadly`` maps an address to what is done before it is answered, which it never is."""

    def __post_init__(self) -> None:
        self.deadly: dict[str, Callable[[], None]] = {}
        self.put(LOOSE, page("A page"))
        for host in HOSTS:
            self.put(f"http://{host}/feed", feed(*(article(host, name) for name in ARTICLES)))
            for name in ARTICLES:
                self.put(article(host, name), page(f"{name} of {host}"))

    @property
    def rules(self) -> list[str]:
        """The entries of connect_to that lead its hosts here, and no others."""
        [rule] = self.connect_to
        return [f"{host}{rule}" for host in (*HOSTS, "loose.test")]

    def answer(self, url: str, headers: dict[str, str]) -> Reply:
        if url in self.deadly:
            self.deadly[url]()
            return Reply(status=0)
        return super().answer(url, headers)


def page(title: str) -> str:
    body = "".join(f"<p>{title}. {PARAGRAPH}</p>" for _ in range(6))
    return f"<!doctype html><html lang=en><title>{title}</title><article><h1>{title}</h1>{body}</article></html>"


def write_cards(folder: Path) -> None:
    """Write a card for each newspaper, which only a run that names it crawls. As all of a home, for its owner alone."""
    folder.mkdir(mode=PRIVATE_FOLDER, parents=True, exist_ok=True)
    for host in HOSTS:
        lines = (
            f"id: {source_id(host)}",
            f"title: {host}",
            f"homepage: http://{host}/",
            "language: en",
            "discoveries:",
            f"  - {{kind: feed, url: 'http://{host}/feed'}}",
            "delay_seconds: 0.05",
            "allow_private: true",
            "enabled: false",
        )
        replace_whole(folder / f"{source_id(host)}.yaml", "\n".join(lines) + "\n")
