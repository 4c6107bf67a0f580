"""The other addresses where captures of an address may be, according to crawls and the captured pages themselves."""

from __future__ import annotations

from http import HTTPStatus
from typing import NamedTuple

from sqlalchemy import Connection, select, union

from storage.catalog.queries import at_urlkey
from storage.catalog.schema import captures, doubles, names_another, urls
from storage.catalog.views import url_of

MOST_ADDRESSES = 100

_OTHERS, _NAMED = urls.alias("other_urls"), urls.alias("named_urls")


class Address(NamedTuple):
    """An address and its key."""

    url: str
    urlkey: str


class CanonicalLink(NamedTuple):
    """A captured page at one address names another as canonical."""

    page: Address
    names: Address


def find_doubles(connection: Connection, urlkey: str) -> list[Address]:
    """Return the addresses that crawls took instead of those with *urlkey*."""
    query = (
        select(url_of(_OTHERS), _OTHERS.c.urlkey)
        .join_from(urls, doubles, doubles.c.url == urls.c.id)
        .join(_OTHERS, _OTHERS.c.id == doubles.c.double_of)
        .where(at_urlkey(urlkey))
        .limit(MOST_ADDRESSES)
    )
    return [Address(*row) for row in connection.execute(query)]


def find_canonical_links(connection: Connection, urlkey: str) -> list[CanonicalLink]:
    """Return which pages name *urlkey*, or what its own pages name, as canonical; no more than MOST_ADDRESSES.

    What a request other than GET brought is no page of its address, whatever it names.
    """
    is_page = captures.c.method.is_(None)
    asked = select(urls.c.id).where(at_urlkey(urlkey))
    own = select(captures.c.canonical).where(captures.c.url.in_(asked), names_another, is_page)
    query = (
        select(url_of(urls), urls.c.urlkey, url_of(_NAMED), _NAMED.c.urlkey)
        .distinct()
        .join_from(captures, urls, urls.c.id == captures.c.url)
        .join(_NAMED, _NAMED.c.id == captures.c.canonical)
        .where(names_another, captures.c.canonical.in_(union(asked, own)), captures.c.status == HTTPStatus.OK, is_page)
        .limit(MOST_ADDRESSES)
    )
    return [CanonicalLink(Address(*row[:2]), Address(*row[2:])) for row in connection.execute(query)]
