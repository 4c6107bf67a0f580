"""Section, tags, canonical address and flags: only what the page itself says."""

from __future__ import annotations

from typing import Any

import pytest

from hemeroteca.extraction.metadata.flags import read_canonical, read_kind, read_paywall, read_section, read_tags
from tests.extraction.markup import json_ld, markup, meta, news

NOT_SAID = (None, "none: the page does not say")
CRUMBS = {
    "@type": "BreadcrumbList",
    "itemListElement": [{"name": "Home"}, {"item": {"name": "Port"}}, {"name": "Crane turns"}],
}


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (news(isAccessibleForFree=False), (True, "json-ld:isAccessibleForFree")),
        (news(isAccessibleForFree="False"), (True, "json-ld:isAccessibleForFree")),
        (news(isAccessibleForFree="http://schema.org/False"), (True, "json-ld:isAccessibleForFree")),
        (news(isAccessibleForFree=True), (False, "json-ld:isAccessibleForFree")),
        (news(hasPart={"isAccessibleForFree": False}), (True, "json-ld:isAccessibleForFree")),
        (meta(article_content_tier="metered"), (True, "meta:article:content_tier")),
        (meta(article_content_tier="free"), (False, "meta:article:content_tier")),
        (news(isAccessibleForFree={"odd": []}), NOT_SAID),
        ("", NOT_SAID),
    ],
)
def test_a_paywall_is_what_the_page_says(head: str, expected: Any) -> None:
    assert read_paywall(markup("<p>x</p>", head)) == expected


@pytest.mark.parametrize(
    ("flag", "head", "url", "expected"),
    [
        ("live", json_ld({"@type": "LiveBlogPosting"}), "https://a.test/x", (True, "json-ld:@type")),
        ("live", news(), "https://a.test/x", (False, "json-ld:@type")),
        ("live", "", "https://a.test/live/x", NOT_SAID),
        ("opinion", json_ld({"@type": "OpinionNewsArticle"}), "https://a.test/x", (True, "json-ld:@type")),
        ("opinion", news(articleSection="Opinión"), "https://a.test/x", (True, "json-ld:articleSection")),
        ("opinion", meta(article_opinion="false"), "https://a.test/opinion/x", (False, "meta:article:opinion")),
        ("opinion", "", "https://a.test/opinion/x.html", (True, "url")),
        ("opinion", "", "https://a.test/port/opinion-of-a-crane.html", NOT_SAID),
        ("sponsored", json_ld({"@type": "AdvertiserContentArticle"}), "https://a.test/x", (True, "json-ld:@type")),
        ("sponsored", "", "https://a.test/sponsored-content/x.html", (True, "url")),
        ("sponsored", "", "https://a.test/x", NOT_SAID),
    ],
)
def test_a_kind_is_what_the_page_says(flag: str, head: str, url: str, expected: Any) -> None:
    assert read_kind(markup("<p>x</p>", head, url), flag) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (news(articleSection=["Port", "News"]), ("Port", "json-ld:articleSection")),
        (meta(article_section="Port"), ("Port", "meta:article:section")),
        (json_ld(CRUMBS), ("Port", "json-ld:BreadcrumbList")),
        (meta(article_section="https://a.test/port"), (None, "none: the page names no section")),
    ],
)
def test_a_section_is_known_by_its_source(head: str, expected: Any) -> None:
    assert read_section(markup("<p>x</p>", head)) == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (news(keywords="port, crane, Port"), (("port", "crane"), "json-ld:keywords")),
        (news(keywords=["port", {"name": "crane"}]), (("port", "crane"), "json-ld:keywords")),
        (meta(article_tag="port") + meta(article_tag="#crane"), (("port", "crane"), "meta:article:tag")),
        ('<meta name="news_keywords" content="port, crane">', (("port", "crane"), "meta:news_keywords")),
        ("", ((), "none: the page names no tags")),
    ],
)
def test_tags_are_told_once_each(head: str, expected: Any) -> None:
    assert read_tags(markup("<p>x</p>", head)) == expected


def test_a_canonical_address_is_the_links() -> None:
    assert read_canonical(markup("", '<link rel="canonical" href="/a">'))[1] == "link:canonical"
    assert read_canonical(markup("", meta(og_url="https://a.test/")))[0] is None
