from __future__ import annotations

from datetime import UTC, datetime

import pytest

from streams.feeds.dates import parse_date


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("Thu,28 Jul 2022 4:35:5 GMT+9", datetime(2022, 7, 27, 19, 35, 5, tzinfo=UTC)),
        ("lun., 27 janv. 2025 10:05:00 +0100", datetime(2025, 1, 27, 9, 5, tzinfo=UTC)),
        ("1er août 2024 à 14h05", datetime(2024, 8, 1, 14, 5, tzinfo=UTC)),
        ("الأحد 3 كانون الثاني 2025 10:11", datetime(2025, 1, 3, 10, 11, tzinfo=UTC)),
        ("3 كانون الأول 2024", datetime(2024, 12, 3, tzinfo=UTC)),
        ("٢٧ آب ٢٠٢٥", datetime(2025, 8, 27, tzinfo=UTC)),
        ("12/03/2024 10:00", datetime(2024, 3, 12, 10, 0, tzinfo=UTC)),
        ("03/25/2024", datetime(2024, 3, 25, tzinfo=UTC)),
        ("31/31/2024", None),
        ("31 juin 2024", None),
        ("hier", None),
        ("9" * 10_000, None),
    ],
)
def test_dates_that_feeds_spell(text: str, instant: datetime | None) -> None:
    assert parse_date(text) == instant
