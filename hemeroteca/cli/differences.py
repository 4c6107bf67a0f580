"""What ``hemeroteca reextract`` would change, for a person to judge before it is current."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hemeroteca.archive.cleaning.differences import Difference, Differences

_WIDTH = 100


def print_differences(found: Differences, as_json: bool) -> None:
    """Print the sums, then the biggest changes with some of the lines that went and came; as NDJSON the same."""
    if as_json:
        print(found.model_dump_json(exclude={"biggest"}))
        for one in found.biggest:
            print(one.model_dump_json())
        return
    print(f"{found.extractor} on {found.crawls:,} crawls not published yet:")
    print(f"  {found.unchanged:,} unchanged, {found.changed:,} changed, {found.gained:,} gained, {found.lost:,} lost")
    if found.fields:
        print("  changed: " + ", ".join(f"{field} {count:,}" for field, count in found.fields.items()))
    for one in found.biggest:
        _print_one(one)


def _print_one(one: Difference) -> None:
    print(f"{one.change} -{one.removed_characters:,} +{one.added_characters:,} characters  {one.url}")
    for sign, lines in (("-", one.removed), ("+", one.added)):
        for line in lines:
            print(f"  {sign} {line[:_WIDTH]}")
