"""What the catalog is known to lack, in words for readers."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from hemeroteca.archive.archive import Archive
from storage import keys
from storage.catalog.shortfall import NightShortfall, Shortfall
from storage.model.night import Night

_NAMED_NIGHTS = 3


def describe_absence(archive: Archive) -> str:
    """Return why the catalog has no row, for the end of a message: because there is none, as far as is known."""
    shortfall = describe_shortfall(archive, with_doubts=True)
    return f"not found, but {shortfall}" if shortfall else "not in the archive"


def describe_shortfall(archive: Archive, night: Night | None = None, *, with_doubts: bool = False) -> str | None:
    """Return in one line what the catalog is known to lack, of *night* or at all, and what to do; None for nothing.

    *with_doubts*: also that it is new and not compared yet, and what no rebuild could apply.
    """
    fact = next(_find_facts(archive.catalog.find_shortfall(), night, with_doubts), None)
    return fact.format(command=f"hemeroteca{' --demo' * archive.settings.demo}") if fact else None


def _find_facts(found: Shortfall, night: Night | None, with_doubts: bool) -> Iterator[str]:
    if found.since and (night is None or night >= found.since):
        yield f"the catalog was recreated and lacks crawls from {found.since} on: `{{command}} admin rebuild`"
    lacking = {one: found.nights[one] for one in found.nights if night in (None, one)}
    if lacking:
        yield f"the catalog lacks {_count(lacking.values())} of {_name_nights(lacking)}: `{{command}} admin rebuild`"
    damaged = [key for key in found.damaged if night in (None, keys.night_of(key))]
    if damaged and with_doubts:
        nights = _name_nights({keys.night_of(key) for key in damaged})
        yield f"damaged manifests of {nights} are not in the catalog: `{{command}} doctor` names them"
    if found.is_new and with_doubts:
        yield "the catalog is new and has not been compared with the bucket yet: `{command} admin rebuild`"


def _count(nights: Collection[NightShortfall]) -> str:
    sums = {"crawls": sum(one.crawls for one in nights), "cleanings": sum(one.texts for one in nights)}
    return " and ".join(f"{count:,} {what if count > 1 else what[:-1]}" for what, count in sums.items() if count)


def _name_nights(nights: Collection[Night]) -> str:
    ordered = [str(night) for night in sorted(nights)]
    if len(ordered) <= _NAMED_NIGHTS:
        return ", ".join(ordered)
    return f"these {len(ordered):,} nights ({ordered[0]} … {ordered[-1]})"
