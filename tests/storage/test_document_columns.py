"""Dates are derived from what a page says: a day, and a time where one is known with its zone."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from storage.document_columns import parse_date, parse_moment


@pytest.mark.parametrize(
    ("published", "day", "moment"),
    [
        (None, None, None),
        ("2026-03-01", date(2026, 3, 1), None),
        ("2026-03-01T23:30:00-05:00", date(2026, 3, 1), datetime(2026, 3, 2, 4, 30, tzinfo=UTC)),
        ("2026-03-01T00:30:00+05:30", date(2026, 3, 1), datetime(2026, 2, 28, 19, 0, tzinfo=UTC)),
        ("2026-03-01T10:00:00Z", date(2026, 3, 1), datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00.123456+00:00", date(2026, 3, 1), datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)),
        ("2026-03-01T10:00:00", date(2026, 3, 1), None),
        ("0001-01-01T00:00:00+14:00", date(1, 1, 1), None),
        ("yesterday", None, None),
        ("2026-02-30", None, None),
        ("", None, None),
    ],
)
def test_dates_are_as_written_and_times_are_utc(
    published: str | None, day: date | None, moment: datetime | None
) -> None:
    assert (parse_date(published), parse_moment(published)) == (day, moment)
