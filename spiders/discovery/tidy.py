"""One tolerant reader in front of all readers of XML: it repairs what servers put around and into a document.

Byte order marks, however many; UTF-16; an encoding that the document is not in; PHP's warnings and other text before
the document; half an XML declaration. All of it is linear in the body's length.
"""

from __future__ import annotations

import re

from w3lib.encoding import resolve_encoding

_START_BYTES = 64 * 1024
"""Text before the document may be so long."""
_MARKS = re.compile(rb"(?:\s|\xef\xbb\xbf|\xc2?\xa0)*")
_SIXTEEN_BITS = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be", b"<\0": "utf-16-le", b"\0<": "utf-16-be"}
_USUAL, _WIDE, _ESCAPED = "cp1252", ("utf-16", "utf-32"), ("iso2022", "hz", "utf-7")
_ROOT = re.compile(rb"<(?:\w{1,20}:)?(?:rss|rdf|feed|channel|urlset|sitemapindex|opml)(?=[\s>])", re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)(?=[\s>])", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml\b([^>]{0,200})\?>")
_ENCODING = re.compile(rb"""\bencoding\s*=\s*["']([\w.:-]{1,40})["']""")


def tidy_xml(body: bytes) -> bytes:
    """Return an XML document as UTF-8, without what comes before its root; what is no XML comes back as it is."""
    body = _MARKS.sub(b"", _read_sixteen_bits(body), count=1)
    start = body[:_START_BYTES]
    declaration = _DECLARATION.search(start)
    text = _to_utf8(body, declaration[1] if declaration else b"")
    root, page = _ROOT.search(text, 0, _START_BYTES), _PAGE.search(text, 0, _START_BYTES)
    if root and not (page and page.start() < root.start()):
        doctype = text.rfind(b"<!DOCTYPE", 0, root.start())  # an internal subset may declare entities
        return text[doctype if doctype >= 0 else root.start() :]
    return text


def _read_sixteen_bits(body: bytes) -> bytes:
    """Return a body in UTF-16 as UTF-8, with a byte order mark or by its first letter."""
    encoding = _SIXTEEN_BITS.get(body[:2])
    return body.decode(encoding, "replace").encode() if encoding else body


def _to_utf8(body: bytes, declaration: bytes) -> bytes:
    """Return *body* in UTF-8: as it is when it is that already, whatever it says, else from what it says."""
    found = _ENCODING.search(declaration)
    encoding = (resolve_encoding(found[1].decode("ascii")) if found else None) or _USUAL
    if encoding.startswith(_WIDE):
        encoding = _USUAL  # it would have been read by its first letter
    if encoding.startswith(_ESCAPED) or not _is_utf8(body):
        body = body.decode(encoding, "replace").encode()
    return _DECLARATION.sub(b"", body, count=1) if declaration else body


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
