"""The pictures of an article, each with its caption and credit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from hemeroteca.extraction.page.json_ld import Node, list_values, read_first_text
from hemeroteca.extraction.page.markup import MarkedElement, Markup, read_shown_text
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words
from storage.model.document import Image

MAX_IMAGES = 60
MAX_PARTS = 200
"""The elements of a figure that are read."""
_CREDIT_KEYS = ("creditText", "creator", "copyrightHolder")
_SOURCES = ("src", "data-src", "data-original", "data-lazy-src", "data-url")
_SETS = ("srcset", "data-srcset", "data-lazy-srcset")
_CREDIT_CLASS = re.compile(
    r"credit|copyright|photographer|fotograf|source|rights|crédit|quelle|urheber|autor|author|agency"
)
_CAPTION_CLASS = re.compile(r"caption|legend|bildunterschrift|pie[-_]?(?:de[-_])?foto|bildtext|didascalia")
_MARKED_CREDIT = re.compile(
    r"\s*[(\[|/]?\s*(?:(?:photo(?:graph)?|foto(?:graf[íi]a)?|picture|image|bild|imagen|crédit|credit|créditos|quelle|"
    r"fuente|"
    r"source|photo credit|photo by|foto de|image credit|fotograf)\s*(?:by|von|de|par)?\s*[:©]\s*|©\s*|\(c\)\s*|"
    r"copyright\s+)"
    r"(?P<credit>[^\n]{2,80}?)\s*[)\]]?\s*\Z",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"(?:[.!?»”\"]\s*|\s[|/–—-]\s|\s*[(\[]\s*)(?P<credit>(?:[A-Z][\w.'’-]*\s){0,4}?(?:[A-Z]{2,}|AP|dpa|Reuters|"
    r"Getty Images)"
    r"(?:\s?/\s?[\w .'’-]{2,40})?)\s*[)\]]?\s*\Z"
)
"""A credit marked only by its place and capitals: "… Vladimir Putin.REUTERS", "(AP)", "– AFP"."""
_SMALL = re.compile(r"(?:icon|logo|avatar|sprite|pixel|spacer|blank|emoji|badge|1x1)", re.IGNORECASE)


def read_images(markup: Markup) -> tuple[tuple[Image, ...], str]:
    """Return the article's pictures, those of the markup first, the others in page order, and how they are known."""
    shown = {image.url: image for image in _read_shown(markup)}
    found: dict[str, Image] = {}
    declared = list(_read_declared(markup))
    for image, _ in declared:
        same = next((one for url, one in shown.items() if _name_file(url) == _name_file(image.url)), None)
        kept = same or image
        found.setdefault(kept.url, kept)
    for url, image in shown.items():
        found.setdefault(url, image)
    sources = [source for _, source in declared[:1]] + (["figure"] if shown else [])
    return tuple(found.values())[:MAX_IMAGES], ", ".join(sources) or "none: the page shows no picture"


def _read_declared(markup: Markup) -> Iterator[tuple[Image, str]]:
    for node in markup.nodes[:3]:
        for value in list_values(node.get("image"))[:10]:
            one = markup.json_ld.resolve(value)
            fields: Node = one if isinstance(one, dict) else {"url": one}
            address = next(
                (fields[key] for key in ("url", "contentUrl", "@id") if isinstance(fields.get(key), str)), ""
            )
            if url := _join_address(markup.url, address):
                caption = read_first_text([fields], "caption") or read_first_text([fields], "description")
                credit = next((name for key in _CREDIT_KEYS if (name := read_first_text([fields], key))), None)
                yield Image(url=url, caption=caption, credit=credit), "json-ld:image"
    for content in markup.metas.get("og:image", ())[:3]:
        if url := _join_address(markup.url, content):
            yield Image(url=url, alt=markup.read_meta("og:image:alt")), "meta:og:image"


def _read_shown(markup: Markup) -> Iterator[Image]:
    """Yield the pictures in figures, then those that stand alone in the text, each once."""
    seen: set[HtmlElement] = set()
    for marked in markup.marked.get("figure", ()):
        pictures = [picture for picture in islice(marked.element.iter("img"), MAX_PARTS) if picture not in seen]
        seen.update(pictures)
        if pictures and not _is_small(pictures[0]) and _is_of_article(marked, markup):
            caption, credit = _read_caption(marked.element)
            yield from _read_image(markup, pictures[0], caption, credit)
    for marked in markup.marked.get("img", ()):
        picture = marked.element
        if (
            picture not in seen
            and marked.position > markup.headline_position
            and not _is_small(picture)
            and _is_of_article(marked, markup)
        ):
            caption, credit = _find_caption_beside(picture)
            if caption or picture.get("alt"):
                yield from _read_image(markup, picture, caption, credit)


def _is_of_article(marked: MarkedElement, markup: Markup) -> bool:
    link = next(marked.element.iterancestors("a"), None)
    far = link is not None and not re.search(r"\.(?:jpe?g|png|webp|gif|avif)\b", link.get("href") or "", re.IGNORECASE)
    return marked.position > markup.headline_position - 60 and not far and not markup.is_outside_article(marked.element)


def _read_image(markup: Markup, picture: HtmlElement, caption: str | None, credit: str | None) -> Iterator[Image]:
    url = _find_source(markup.url, picture)
    if url:
        yield Image(url=url, caption=caption, credit=credit, alt=clean_line(picture.get("alt"), 1_000) or None)


def _read_caption(figure: HtmlElement) -> tuple[str | None, str | None]:
    """Return the caption of a figure, and its credit by markup or by how the caption ends."""
    parts = list(islice(figure.iter(), MAX_PARTS))
    named = [one for one in parts if one.tag != "img" and _is_named(one, _CREDIT_CLASS)]
    credits = [one for one in named if next(one.iter("img"), None) is None]
    credit = read_shown_text(credits[0], 300) if credits else ""
    holder = next(figure.iter("figcaption"), None)
    if holder is None:
        holder = next((one for one in parts if one.tag != "img" and _is_named(one, _CAPTION_CLASS)), None)
    text = _read_text_without(holder, credits) if holder is not None else ""
    caption, ending_credit = split_credit(text)
    return caption or None, _strip_credit(credit) or ending_credit


def _read_text_without(holder: HtmlElement, apart: list[HtmlElement]) -> str:
    parts: list[str] = []
    skip = {inner for one in apart for inner in islice(one.iter(), MAX_PARTS)}
    for element in islice(holder.iter(), MAX_PARTS):
        if element not in skip and element.tag not in ("script", "style", "button"):
            parts.append(element.text or "")
        if element is not holder and (element not in skip or element in apart):
            parts.append(element.tail or "")
    return clean_line("".join(parts) if not apart else " ".join(parts))


def _find_caption_beside(picture: HtmlElement) -> tuple[str | None, str | None]:
    """Return the caption of a picture without a figure: the line after it that repeats its alternative text."""
    alt = clean_line(picture.get("alt"), 1_000)
    holder = picture
    while holder.getparent() is not None and not (holder.tail or "").strip() and holder.getnext() is None:
        holder = holder.getparent()
    following = holder.getnext()
    text = clean_line(holder.tail) or (read_shown_text(following) if following is not None else "")
    if (
        len(fold_words(alt).split()) >= 3
        and fold_words(text).startswith(fold_words(alt)[:-1])
        and len(text) <= len(alt) + 60
    ):
        return split_credit(text)
    return None, None


def split_credit(caption: str) -> tuple[str, str | None]:
    """Return a caption without its credit, and the credit."""
    for pattern in (_MARKED_CREDIT, _CLOSING):
        found = pattern.search(caption[-160:])
        if found:
            begin = max(0, len(caption) - 160) + found.start()
            ending = caption[begin : begin + 1] if caption[begin : begin + 1] in '.!?»”"' else ""
            return (caption[:begin] + ending).strip(" |/–—-(["), _strip_credit(found["credit"]) or None
    return caption.strip(), None


def _strip_credit(credit: str) -> str | None:
    found = _MARKED_CREDIT.match(credit)
    return (found["credit"] if found else credit).strip(" ()[]|.:©") or None


def _is_named(element: HtmlElement, pattern: re.Pattern[str]) -> bool:
    names = f"{element.get('class') or ''} {element.get('itemprop') or ''}".lower()
    return pattern.search(names) is not None


def _is_small(picture: HtmlElement) -> bool:
    sizes = [
        int(size) for name in ("width", "height") if (size := (picture.get(name) or "").removesuffix("px")).isdecimal()
    ]
    names = f"{picture.get('src') or ''} {picture.get('class') or ''}"[-200:]
    return any(size < 90 for size in sizes) or _SMALL.search(names) is not None


def _find_source(base: str, picture: HtmlElement) -> str | None:
    for name in _SOURCES:
        url = _join_address(base, picture.get(name) or "")
        if url:
            return url
    for name in _SETS:
        offered = (picture.get(name) or "").split(",")[-1].split()
        if offered and (url := _join_address(base, offered[0])):
            return url
    return None


def _join_address(base: str, address: str) -> str | None:
    try:
        url = address.strip() if address.startswith(("https://", "http://")) else urljoin(base, address.strip())
        return url if address.strip() and urlsplit(url).scheme in ("http", "https") and len(url) < 2_000 else None
    except ValueError:
        return None


def _name_file(url: str) -> str:
    """Return the name of the file: the same picture has several sizes and servers."""
    return urlsplit(url).path.rpartition("/")[2].lower() or url
