"""Text that is kept in fewer bytes comes back as it was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy.dialects import sqlite

from storage.catalog.column_types import Coded, Instant, pack, unpack
from storage.catalog.numbers import split_url
from storage.surt import urlkey

PACKED = {
    "urn:uuid:0191d3a4-1111-4222-8333-0123456789ab": 17,
    "sha1:" + "ABCDEFGH234567ZY" * 2: 21,
    "sha256:" + "0123456789abcdef" * 4: 33,
    "0123456789abcdef" * 4: 33,
}


@pytest.mark.parametrize("text", PACKED)
def test_ids_and_digests_of_the_usual_forms_are_short(text: str) -> None:
    assert len(pack(text)) == PACKED[text]
    assert unpack(pack(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "urn:uuid:",
        "urn:uuid:0191D3A4-1111-4222-8333-0123456789AB",
        "urn:uuid:0191d3a4111142228333-0123456789ab----",
        "urn:uuid:{191d3a4-1111-4222-8333-0123456789ab",
        "sha1:" + "abcdefgh234567zy" * 2,
        "sha1:" + "A" * 31,
        "sha1:" + "A" * 31 + "=",
        "sha256:" + "0123456789ABCDEF" * 4,
        "sha256:" + "0123456789abcde " * 4,
        "g" * 64,
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "ñandú",
        "\x01" + "a" * 16,
    ],
)
def test_text_of_any_other_form_is_kept_as_it_is(text: str) -> None:
    assert unpack(pack(text)) == text


def test_ids_of_one_form_sort_as_text_does() -> None:
    ids = [f"urn:uuid:{number:08x}-1111-4222-8333-0123456789ab" for number in (0, 9, 10, 255, 256, 2**31)]
    assert sorted(ids, key=pack) == sorted(ids)


def test_a_time_is_kept_to_the_microsecond_in_whatever_zone_it_came() -> None:
    column, dialect = Instant(), sqlite.dialect()
    there = datetime(2026, 3, 1, 2, 0, 14, 123457, timezone(timedelta(hours=-5)))
    for moment in (there, datetime(1969, 12, 31, tzinfo=UTC), datetime(1970, 1, 1, tzinfo=UTC)):
        back = column.process_result_value(column.process_bind_param(moment, dialect), dialect)
        assert back is not None and (back, back.utcoffset()) == (moment, timedelta(0))
    assert column.process_bind_param(None, dialect) is None


@pytest.mark.parametrize("word", ["captured", "tdmrep", "unfinished", "a word of a later release", "c", "=", ""])
def test_states_and_kinds_come_back_whether_or_not_they_have_a_letter(word: str) -> None:
    column, dialect = Coded(), sqlite.dialect()
    assert column.process_result_value(column.process_bind_param(word, dialect), dialect) == word


@pytest.mark.parametrize(
    ("url", "site", "head", "rest"),
    [
        ("https://www.elpais.com/a/b.html", "https://www.elpais.com", "", "/a/b.html"),
        ("https://elpais.com:8080/a", "https://elpais.com:8080", "", "/a"),
        ("https://elpais.com", "https://elpais.com", "", ""),
        ("https://elpais.com/Uno/dos", "https://elpais.com", "/U", "no/dos"),
        ("https://elpais.com/a?b=1&a=2", "https://elpais.com", "/a?b=1&a=2", ""),
        ("request", "", "request", ""),
        ("", "", "", ""),
    ],
)
def test_an_address_is_its_site_what_follows_it_and_the_end_of_its_urlkey(
    url: str, site: str, head: str, rest: str
) -> None:
    key, numbered, own, tail = split_url(url, urlkey(url))
    assert (numbered.fields, own, key[tail - 1 :]) == ((site,), head, rest)
    assert site + head + rest == url
