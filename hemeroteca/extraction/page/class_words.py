"""Words that the designers of all newspapers use in tags, class names and ids, each as a bit."""

from __future__ import annotations

import functools
import operator
import re

_WORDS = {
    "related": "related|relat|recirc|recommend|readmore|read-more|read_more|readnext|read-next|also|trending|popular|"
    "most-?read|outbrain|taboola|teaser|promo|card|carousel|crosslink|cross-link|irpp|inline-?link|more-|-more|verwandt|"
    "relacionad|correlat|lees-ook|similar|suggest|further|upnext|up-next|listing|latest|recent|feed|grid",
    "comment": "comment|discuss|disqus|reply|respond|kommentar|coral|forum|opinary",
    "share": "share|sharing|social|follow|tweet|whatsapp|facebook|bookmark|addthis|like-",
    "newsletter": "newsletter|subscri|signup|sign-up|mailchimp|email|optin|opt-in|donat|cta|call-to|support-|"
    "membership",
    "paywall": "paywall|piano|regwall|premium|plus|metered|login|gate",
    "byline": "byline|by-line|author|autor|autoren|bio|contributor|reporter|writer|profile|redacteur|firma",
    "date": "date|datum|time|publish|timestamp|fecha|posted|updated|modified",
    "caption": "caption|credit|figure|image|photo|foto|picture|media|bild|legend|copyright-",
    "gallery": "gallery|slide|swiper|video|player|audio|podcast|listen|embed",
    "tags": "tag|keyword|topic|categor|kicker|label|eyebrow|rubri|channel|dachzeile|section-name",
    "ad": "adv|ads|-ad|ad-|sponsor|banner|commercial|anzeige|affiliate|shop|product|deal|partner|dfp",
    "navigation": "nav|menu|header|masthead|footer|sidebar|side-bar|widget|toolbar|breadcrumb|pager|paginat|search|"
    "skip|toc|table-of|tabs|rail|dropdown",
    "lead": "lead|lede|dek|deck|standfirst|subtitle|sub-title|subhead|sub-head|subline|summary|excerpt|intro|abstract|"
    "vorspann|entradilla|bajada|sapo|chapo|chapeau|description|riassunto|sottotitolo|sommario|ingress|preamble|"
    "synopsis|tagline|sumario|resumen|linha-fina|catenaccio|kurztext",
    "body": "body|content|entry|article|story|artikel|text|paragraph|richtext|rich-text|post|main|cuerpo|corps|prose",
    "title": "title|headline|heading|titel|titulo|titre|titolo|hed|hdr",
    "live": "live|timeline|ticker|liveblog|minute",
    "box": "box|infobox|fact|callout|pull|quote|zitat|aside|highlight|note|takeaway|key-point|info",
    "legal": "cookie|consent|gdpr|copyright|disclaim|legal|terms|correction|privacy|rights|policy|disclosure|notice",
    "hidden": "hidden|sr-only|visually|screen-reader|screenreader|d-none|offscreen|invisible|assistive",
    "tool": "print|tool|font-size|action|button|btn|icon|meta|info-|overlay|modal|popup|pop-up|rating|vote|poll|quiz",
    "list": "list|item|row|col",
}

_TAGS = {
    "in_article": ("article",),
    "in_main": ("main",),
    "in_aside": ("aside",),
    "in_footer": ("footer",),
    "in_header": ("header",),
    "in_nav": ("nav", "menu"),
    "in_figure": ("figure", "figcaption", "picture"),
    "in_form": ("form", "fieldset"),
    "in_table": ("table",),
    "in_list": ("ul", "ol"),
    "in_dl": ("dl",),
    "in_quote": ("blockquote", "q"),
    "in_section": ("section",),
}

NAME_BITS = {name: 1 << number for number, name in enumerate((*_WORDS, *_TAGS))}
"""The bit of each name: of class words, and of tags around the text."""

TAG_BITS = {tag: NAME_BITS[name] for name, tags in _TAGS.items() for tag in tags}

HIDDEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)

_CAMEL_CASE = re.compile(r"(?<=[a-z])(?=[A-Z])")
_START_LETTERS = 3
"""No word of ``_WORDS`` is shorter."""


def _group_by_start() -> dict[str, tuple[tuple[str, int], ...]]:
    """Return each word with its bit, by its first letters. ``-?`` stands for a hyphen or none."""
    found: dict[str, set[tuple[str, int]]] = {}
    for name, words in _WORDS.items():
        for word in words.split("|"):
            for spelt in (word.replace("-?", "-"), word.replace("-?", "")):
                found.setdefault(spelt[:_START_LETTERS], set()).add((spelt, NAME_BITS[name]))
    return {start: tuple(words) for start, words in found.items()}


_BY_START = _group_by_start()


@functools.lru_cache(maxsize=16_384)
def read_class_bits(names: str) -> int:
    """Return the bits of ``NAME_BITS`` for the class and id attributes of an element."""
    return functools.reduce(operator.or_, map(_read_name_bits, names[:400].split()), 0)


@functools.lru_cache(maxsize=32_768)
def _read_name_bits(name: str) -> int:
    folded = name if name.islower() else _CAMEL_CASE.sub("-", name).lower()
    bits = 0
    for index in range(len(folded) - _START_LETTERS + 1):
        for word, bit in _BY_START.get(folded[index : index + _START_LETTERS], ()):
            if folded.startswith(word, index):
                bits |= bit
    return bits
