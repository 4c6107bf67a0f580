"""05/07/2024: which of its two readings a page means, and what says so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests.extraction.markup import news
from tests.extraction.metadata.test_dates import H1, dates


def test_a_date_of_two_readings_is_less_sure_until_another_settles_it() -> None:
    line = f"{H1}<p class='date'>07/05/2024</p>"
    open_, sure = dates(line), dates(line, language="en-US")
    assert (open_.published, sure.published) == ("2024-07-05", "2024-07-05")
    assert (open_.confidence or 0) < 0.6 < (sure.confidence or 0)
    by_month = dates(line, url="https://faro.hemeroteca.test/2024/05/crane")
    by_change = dates(f"{line}<p>Updated May 7, 2024</p>")
    by_fetch = dates(line, fetched=datetime(2024, 6, 1, tzinfo=UTC))
    by_number = dates(f"{line}<p>The port opens on 25/12/2024.</p>")
    by_name = dates(f"{line}<p>The port closed on 25 December 2023.</p>")
    by_meta = dates(line, '<meta name="date" content="2024-05-07">')
    for settled in (by_month, by_change, by_fetch, by_number, by_name, by_meta):
        assert (settled.published or "")[:10] == "2024-05-07"
        assert (settled.confidence or 0) > (open_.confidence or 0)


@pytest.mark.parametrize(
    ("host", "language", "day"),
    [
        ("faro.example.com", "en", "2024-07-05"),
        ("faro.example.org", "", "2024-05-07"),
        ("faro.example.com", "es", "2024-05-07"),
        ("faro.example.io", "en", "2024-07-05"),
        ("faro.example.co.uk", "en", "2024-05-07"),
        ("faro.example.in", "en", "2024-05-07"),
        ("faro.example.gov", "en", "2024-07-05"),
        ("faro.example.co.uk", "en-US", "2024-07-05"),
    ],
)
def test_english_without_a_region_is_read_by_its_country_else_as_cldr_has_it(
    host: str, language: str, day: str
) -> None:
    assert dates(f"{H1}<p class='date'>07/05/2024</p>", url=f"https://{host}/a", language=language).published == day


def test_a_number_read_by_its_locale_yields_to_the_day_that_the_page_declares() -> None:
    line = f"{H1}<p class='date'>11/01/2021</p>"
    assert dates(line, news(datePublished="2021-11-01"), language="de").published == "2021-11-01"
    assert (dates(line, news(datePublished="2021-11-01"), language="de").confidence or 0) > 0.9
