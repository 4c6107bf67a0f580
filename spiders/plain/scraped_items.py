"""The items of a Scrapy spider: ``items.jsonl`` in its attempt's directory, a line for each item as it is scraped."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from itemadapter import ItemAdapter
from scrapy.utils.serialize import ScrapyJSONEncoder

from spiders.job import ITEMS_FILE
from storage.model.errors import disk_error


class ScrapedItems:
    """Appends to the file in *directory*; it is made by the first item."""

    def __init__(self, directory: Path, spider: str) -> None:
        self._path = directory / ITEMS_FILE
        self._spider = spider
        self._encode = ScrapyJSONEncoder().encode

    def add(self, item: Any, url: str | None, record_id: str | None) -> None:
        """Write *item*, scraped from the page *url*, whose response has that record id.

        Raises TypeError for what JSON has no form for; StorageError.
        """
        fields = json.loads(self._encode(ItemAdapter(item).asdict()))
        line = {"url": url, "record_id": record_id, "spider": self._spider, "item": fields}
        try:
            with self._path.open("ab") as file:
                file.write(json.dumps(line).encode() + b"\n")
        except OSError as error:
            raise disk_error(f"{self._path}: item not written", error) from error
