"""`python -m docs`: remake every block of the pages that comes from the code."""

from __future__ import annotations

from docs.made_blocks import PAGES, remake

for page in PAGES:
    page.write_text(remake(page.read_text(encoding="utf-8")), encoding="utf-8")
