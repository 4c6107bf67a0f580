"""XPath expressions evaluated by attributes find the same elements as libxml2 does."""

from __future__ import annotations

import itertools
import re
import runpy

import pytest
from lxml.etree import XPath
from lxml.html import HtmlElement, document_fromstring
from trafilatura import settings, xpaths

from hemeroteca.extraction.block_model.attribute_rules import AttributeRule, quicken
from tests.extraction.pages import BODY, article

REGEXP = {"re": "http://exslt.org/regular-expressions"}
LISTS = (
    "RAW_TREE_PRUNE_XPATH", "REMOVE_COMMENTS_AND_LISTS_XPATH", "OVERALL_DISCARD_XPATH", "TEASER_DISCARD_XPATH",
    "DISCARD_IMAGE_ELEMENTS", "BODY_XPATH",
)  # fmt: skip
TAGS = ("div", "section", "p", "span", "ul", "li", "details", "aside", "article", "main", "item", "list", "footer")
NAMES = ("id", "class", "style", "role", "data-component", "itemprop", "aria-hidden", "data-lp-replacement-content")


def read_own_rules() -> list[XPath]:
    """Return trafilatura's rules as it has them: the lists in its module are ours."""
    own = runpy.run_path(str(xpaths.__file__))
    return [*(rule for name in LISTS for rule in own[name]), settings.BASIC_CLEAN_XPATH]


def build_page(rules: list[XPath]) -> HtmlElement:
    """Return a page with elements for each word of *rules* in each attribute, and in two attributes."""
    literals = (literal for rule in rules for literal in re.findall(r"'([^']+)'", rule.path.replace("-?", "-")))
    words = sorted({word for literal in literals for word in re.split(r"[|^()?!:\[\]\\ ]+", literal) if word})
    tags = itertools.cycle(TAGS)
    parts: list[str] = []
    for (one, other), (word, next_word) in itertools.product(
        itertools.pairwise((*NAMES, *NAMES[:2])), itertools.pairwise(words)
    ):
        parts += f'<div {one}="{word}">a</div>', f'<{next(tags)} {one}="{word} x" {other}="{next_word}">b'
        parts += (f'<section {one}="{word}"><h1>c</h1></section></div>',)
    return document_fromstring(article(*BODY, lead="".join(parts)))


def test_each_rule_of_trafilatura_finds_what_it_did() -> None:
    rules = read_own_rules()
    tree = build_page(rules)
    quick = [quicken(rule) for rule in rules]
    for _ in range(2):  # the second time it is remembered
        for rule, quickened in zip(rules, quick, strict=True):
            assert quickened(tree) == rule(tree), rule.path
    assert all(rule(tree) for rule in quick)


def test_most_of_them_are_read_as_rules_over_attributes() -> None:
    others = [rule.path for rule in map(quicken, read_own_rules()) if isinstance(rule, XPath)]
    assert len(others) <= 1


@pytest.mark.parametrize(
    "expression",
    [
        ".//*[not(self::p or @id='one') and re:test(@class, 'B', 'i')]",
        ".//*[self::div or self::p][contains(@id|@class, 'b')]",
        ".//p|.//div[starts-with(translate(@id, 'O', 'o'), 'one')]",
        "(.//*[@class])[1]",
        ".//*[@class][1]",
        ".//*[@role]",
    ],
)
def test_an_expression_over_attributes_finds_the_same(expression: str) -> None:
    tree = document_fromstring(
        "<div id=One class=b><p class=b id=c>x</p><p id=c class=b>y</p><p class=ab>z</p></div><div class=b><p id=one>"
    )
    assert expression.count(" and ") or AttributeRule(expression)
    xpath = XPath(expression, namespaces=REGEXP)
    assert quicken(xpath)(tree) == xpath(tree)


@pytest.mark.parametrize(
    "expression",
    [".//div[.//h1]", ".//*[@id|@class='a']", "//div", ".//div[2]", ".//div/p", "(.//div)", ".//p[text()]", ".//p[@id"],
)
def test_an_expression_that_looks_at_more_is_no_such_rule(expression: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        AttributeRule(expression)


def test_what_looks_at_more_is_asked_only_where_the_attributes_fit() -> None:
    xpath = XPath(".//div[contains(@class, 'a')][not(.//h1)]")
    quick = quicken(xpath)
    assert quick(document_fromstring("<div class=b>x</div>")) == []
    tree = document_fromstring("<div class=a>x</div><div class=a><h1>y</h1></div>")
    assert quick(tree) == xpath(tree) != []
