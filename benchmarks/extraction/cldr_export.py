"""``python -m benchmarks.extraction.cldr_export``: writes the names of months, and the order of dates, from CLDR.

Babel carries CLDR as Python objects. Reading them takes a second for a hundred languages, and one locale of Babel 2.18
(az) overwrites names of others once it is loaded, so extraction reads the file that this writes.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict

import babel.localedata
from babel import Locale

from hemeroteca.extraction.metadata.month_names import CLDR_FILE, fold_name

_FIELDS = re.compile(r"'((?:[^']|'')*)'|(E+|G+|y+|M+|L+|d+)|([^'EGyMLd]+)")
_WIDTHS = ("wide", "abbreviated")


def main() -> None:
    CLDR_FILE.write_text(build_cldr_file(), encoding="utf-8")


def build_cldr_file() -> str:
    """Return the file's content: months and words within dates by language, the order of numeric dates by locale."""
    months: dict[str, dict[str, int]] = defaultdict(dict)
    words: dict[str, set[str]] = defaultdict(set)
    orders: dict[str, str] = {}
    for name in sorted(babel.localedata.locale_identifiers(), key=lambda one: (one.count("_"), one)):
        babel.localedata._cache.clear()
        locale = Locale.parse(name)
        orders[name.replace("_", "-")] = _read_order(locale)
        for spelt, number in _list_names(locale):
            months[locale.language].setdefault(spelt, number)
        words[locale.language] |= _list_words(locale)
    languages = {
        name: {"months": _group(found), "words": sorted(words[name])} for name, found in sorted(months.items()) if found
    }
    head = json.dumps({"cldr": "as in Babel 2.18", "orders": _drop_inherited(orders)}, sort_keys=True)
    lines = [f"{json.dumps(name)}: {json.dumps(of_it, ensure_ascii=False)}" for name, of_it in languages.items()]
    return head.removesuffix("}") + ', "languages": {\n' + ",\n".join(lines) + "\n}}\n"


def _group(names: dict[str, int]) -> list[list[str]]:
    return [sorted(name for name, number in names.items() if number == month) for month in range(1, 13)]


def _drop_inherited(orders: dict[str, str]) -> dict[str, str]:
    """Return *orders* without those of a locale whose language has the same."""
    return {name: order for name, order in orders.items() if "-" not in name or orders.get(name.split("-")[0]) != order}


def _read_order(locale: Locale) -> str:
    """Return the order of day, month and year in a short date, as ``dmy``."""
    pattern = re.sub(r"'[^']*'", "", locale.date_formats["short"].pattern)
    return "".join(dict.fromkeys(letter for letter in pattern.replace("L", "M").lower() if letter in "dmy"))


def _list_names(locale: Locale) -> list[tuple[str, int]]:
    """Return the names of months, also with what the locale's dates write directly before or after them."""
    found: list[tuple[str, int]] = []
    for context in ("format", "stand-alone"):
        for width in _WIDTHS:
            for number, name in locale.months[context][width].items():
                if any(map(str.isalpha, name)) and not re.fullmatch(r"M\d\d", name):
                    found += [(fold_name(prefix + name + suffix), number) for prefix, suffix in _list_affixes(locale)]
    return [(name, number) for name, number in found if name]


def _list_affixes(locale: Locale) -> set[tuple[str, str]]:
    found = {("", "")}
    for width in ("full", "long", "medium"):
        parts = _split(locale.date_formats[width].pattern)
        for index, (kind, _) in enumerate(parts):
            if kind == "month":
                before = parts[index - 1][1] if index and parts[index - 1][0] == "text" else ""
                after = parts[index + 1][1] if index + 1 < len(parts) and parts[index + 1][0] == "text" else ""
                found.add((re.split(r"[\s\d.,/-]", before)[-1], re.split(r"[\s\d.,/-]", after)[0]))
    return found


def _list_words(locale: Locale) -> set[str]:
    """Return the words that the locale's dates have between day, month and year, and the names of our era."""
    found: set[str] = set()
    for width in ("full", "long", "medium"):
        for kind, text in _split(locale.date_formats[width].pattern):
            if kind == "text":
                found.update(fold_name(text).split())
    for names in locale.eras.values():
        found.update(fold_name(names.get(1, "")).split())
    return {word for word in found if not word.isdigit()}


def _split(pattern: str) -> list[tuple[str, str]]:
    """Return the parts of a CLDR pattern in order: ``text``, ``month``, or another ``field``; text as one part."""
    parts: list[tuple[str, str]] = []
    for quoted, field, literal in _FIELDS.findall(pattern):
        kind = ("month" if field[0] in "ML" else "field") if field else "text"
        text = field or quoted or literal
        if kind == "text" and parts and parts[-1][0] == "text":
            parts[-1] = ("text", parts[-1][1] + text)
        else:
            parts.append((kind, text))
    return parts


if __name__ == "__main__":
    main()
