"""Builders of pages for the tests of extraction."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime

from hemeroteca.configuration import CHECKOUT
from hemeroteca.extraction.page.served_page import Page

URL = "https://faro.hemeroteca.test/noticia"
FETCHED = datetime(2026, 11, 24, 3, tzinfo=UTC)
HEADLINE = "The harbour crane turns again"
STANDFIRST = "After eleven quiet years the port has freight to lift"
BODY = (
    "The yellow crane at the north quay lifted its first container since the winter of the great flood.",
    "Port workers had greased its wheels for a month, and the mayor brought bread and sausages for everyone.",
    "Three ships a week are expected from spring on, most of them with paper for the printing works upriver.",
)


def page(body: bytes | str, content_type: str | None = "text/html; charset=utf-8", url: str = URL) -> Page:
    return Page(body.encode() if isinstance(body, str) else body, content_type, url, FETCHED)


def article(
    *paragraphs: str, head: str = "", title: str = HEADLINE, lead: str = "", language: str = "en", tail: str = ""
) -> str:
    """Return a newspaper's page: menu, headline, *lead* as a paragraph, the paragraphs, *tail*, footer."""
    body = "".join(f"<p>{text}</p>\n" for text in ((lead,) if lead else ()) + (paragraphs or BODY))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><title>{title} - El Faro</title>{head}</head>\n'
        f'<body><nav><a href="/">El Faro</a> <a href="/port">Port</a></nav>\n'
        f"<main><article><h1>{title}</h1>\n{body}{tail}</article></main>\n"
        "<footer><p>All rights</p></footer></body></html>"
    )


def under_hash_seeds(code: str) -> set[bytes]:
    """Return the different outputs of *code* under different hash seeds: one, if it does not depend on them."""
    return {
        subprocess.run(
            [sys.executable, "-c", code], env={**os.environ, "PYTHONHASHSEED": seed}, cwd=CHECKOUT, check=True,
            capture_output=True,
        ).stdout
        for seed in ("0", "1", "4242")
    }  # fmt: skip
