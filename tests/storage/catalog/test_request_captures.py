"""Captures of requests that are not GET, in the catalog: there, and never taken for the page of their address."""

from __future__ import annotations

from storage.catalog import Catalog, Selection
from storage.catalog.schema import HEAD_CHARACTERS
from storage.model.capture import Capture
from storage.request_key import join_request_url
from storage.surt import urlkey
from tests.storage.committed import HOME, DraftCrawl, at
from tests.storage.known_rows import find_known, find_superseded

SEARCH, PAGE = f"{HOME}search", f"{HOME}page"


def draft_requests(day: int, *queries: str, method: str = "POST", **facts: str) -> DraftCrawl:
    """Return a crawl that sent a request for each of *queries* to SEARCH."""
    draft = DraftCrawl(day)
    for query in queries:
        url = join_request_url(SEARCH, method, query)
        draft.captured(url, f"P-{query}")
        asked = {"target_uri": SEARCH, "method": method, "request_query": query or None}
        draft.captures[-1] = draft.captures[-1].replace(**asked, **facts)
    return draft


def found(catalog: Catalog, url: str) -> list[Capture]:
    return list(catalog.list_captures(Selection(urlkey=urlkey(url))))


def test_a_capture_reads_back_with_its_request(catalog: Catalog) -> None:
    made = draft_requests(1, "q=peace", "", "q=" + "x" * (4 * HEAD_CHARACTERS)).committed()
    made.apply(catalog)
    assert {one.record_id: one for one in catalog.find_captures()} == {one.record_id: one for one in made.captures}


def test_a_plain_address_does_not_find_them_and_the_request_url_does(catalog: Catalog) -> None:
    made = draft_requests(1, "q=peace", "q=war").committed()
    made.apply(catalog)
    assert catalog.find_closest(urlkey(SEARCH), at(1)) is None and found(catalog, SEARCH) == []
    for capture in made.captures:
        url = join_request_url(SEARCH, "POST", capture.request_query)
        assert found(catalog, url) == [capture] == [catalog.find_closest(urlkey(url), at(1))]


def test_what_they_name_as_canonical_leads_nobody_to_them(catalog: Catalog) -> None:
    for canonical in (SEARCH, PAGE):
        draft_requests(1 if canonical == SEARCH else 2, "q=peace", canonical=canonical).committed().apply(catalog)
    for url in (SEARCH, PAGE, f"{SEARCH}?__wb_method=POST&q=peace"):
        assert catalog.find_canonical_links(urlkey(url)) == []


def test_the_crawl_that_goes_there_next_does_not_know_them(catalog: Catalog) -> None:
    draft_requests(1, "q=peace", "q=war").committed().apply(catalog)
    assert not find_known(catalog) and not find_superseded(catalog)
    page = DraftCrawl(2)
    page.captured(SEARCH, "Q")
    page.committed().apply(catalog)
    assert [one.url for one in find_known(catalog)] == [SEARCH]
    assert find_superseded(catalog) == []
