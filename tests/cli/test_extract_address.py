"""``hemeroteca extract URL``: a page that somebody serves, asked for by the rules of a crawl and in its limits."""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from hemeroteca.download import Asker, download
from storage.model.errors import NotArchivedError
from tests.cli.conftest import Run
from tests.extraction.pages import BODY, FETCHED, article
from tests.spiders.press import Press, Reply

TEXT = "\n".join(BODY)


def test_an_address_is_asked_once_and_told_who_asks(hemeroteca: Run) -> None:
    with Press() as press:
        url = f"http://127.0.0.1:{press.port}/news"
        press.redirect(url, "/moved")
        press.put(f"http://127.0.0.1:{press.port}/moved", article())
        assert hemeroteca("extract", url, contact="desk@example.org").stdout == TEXT
        base = f"http://127.0.0.1:{press.port}"
        assert [one.url for one in press.asked] == [f"{base}/robots.txt", url, f"{base}/moved"]
        assert press.asked[0].headers["User-Agent"].endswith("(+desk@example.org)")


def test_a_redirect_never_leads_into_a_private_network(hemeroteca: Run) -> None:
    with Press() as press, Press() as other:
        url = f"http://127.0.0.1:{press.port}/news"
        press.redirect(url, f"http://localhost:{other.port}/secret")
        said = hemeroteca("extract", url)
        assert said.returncode == 1 and "localhost: resolves to " in said.stderr and "not public" in said.stderr
        assert other.arrived == []


def test_robots_txt_is_obeyed_on_every_hop_unless_it_is_said_aloud(hemeroteca: Run) -> None:
    with Press() as press:
        base = f"http://127.0.0.1:{press.port}"
        press.put(f"{base}/robots.txt", b"User-agent: hemeroteca\nDisallow: /no\n")
        press.redirect(f"{base}/news", "/no/story")
        press.put(f"{base}/no/story", article())
        said = hemeroteca("extract", f"{base}/news")
        assert said.returncode == 1 and f"{base}/no/story: robots.txt forbids it" in said.stderr
        assert [one.url for one in press.asked] == [f"{base}/robots.txt", f"{base}/news"]
        aloud = hemeroteca("extract", f"{base}/news", "--ignore-robots")
        assert (aloud.stdout, aloud.returncode) == (TEXT, 0)
        assert "robots.txt is not asked" in aloud.stderr


def test_where_robots_txt_gives_no_answer_nothing_is_asked(hemeroteca: Run) -> None:
    with Press() as press:
        base = f"http://127.0.0.1:{press.port}"
        press.put(f"{base}/robots.txt", Reply(503))
        press.put(f"{base}/news", article())
        said = hemeroteca("extract", f"{base}/news")
        assert said.returncode == 1 and "robots.txt: answered 503, so nothing is allowed" in said.stderr
        assert [one.url for one in press.asked] == [f"{base}/robots.txt"]


def test_a_bomb_is_refused_with_little_memory() -> None:
    inner = gzip.compress(b"".join(gzip.compress(bytes(1 << 20)) for _ in range(512)))
    with Press() as press:
        url = f"http://127.0.0.1:{press.port}/news"
        press.put(url, Reply(200, inner, (("Content-Type", "text/html"), ("Content-Encoding", "gzip, gzip"))))
        tracemalloc.start()
        with pytest.raises(NotArchivedError, match="more than 20000000 bytes"):
            download(url, Asker("", FETCHED))
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 150_000_000


def test_a_port_of_another_protocol_and_a_wrong_address_are_refused(hemeroteca: Run) -> None:
    for url in ("http://127.0.0.1:25/", "http://127.0.0.1:99999/", "http://a b/", "http://me:word@127.0.0.1/"):
        said = hemeroteca("extract", url)
        assert said.returncode == 2 and len(said.stderr.splitlines()) == 1, url


def test_a_redirect_to_what_is_no_address_is_one_line(hemeroteca: Run) -> None:
    with Press() as press:
        url = f"http://127.0.0.1:{press.port}/news"
        for target in ("http://[::1", "ftp://127.0.0.1/"):
            press.redirect(url, target)
            said = hemeroteca("extract", url)
            assert said.returncode == 1 and len(said.stderr.splitlines()) == 1


@contextmanager
def trickling(head: bytes, drop: bytes) -> Iterator[str]:
    """Serve *head* and then, for at most a minute, one *drop* after another: give the address."""
    done = threading.Event()

    def serve() -> None:
        connection, _ = listening.accept()
        with connection, suppress(OSError):
            connection.sendall(head)
            for _ in range(600):
                if done.wait(0.1):
                    return
                connection.sendall(drop)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        done.set()
        thread.join()


@pytest.mark.parametrize(
    ("head", "drop"), [(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n"), (b"HTTP/1.1 200 OK\r\n\r\n", b"<p>"), (b"", b"H")]
)
def test_a_page_that_comes_in_drops_is_given_up(head: bytes, drop: bytes) -> None:
    with trickling(head, drop) as url, pytest.raises(NotArchivedError, match="not served within 0.5 s"):
        download(url, Asker("", FETCHED), seconds=0.5)


def test_nobody_is_asked_without_a_contact(hemeroteca: Run) -> None:
    said = hemeroteca("extract", "http://www.example.test/news")
    assert said.returncode == 2 and "HEMEROTECA_CONTACT" in said.stderr
