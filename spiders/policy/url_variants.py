"""Variants of one URL: parameters that track a reader or session without changing the page, and other spellings.

The stripped URL is only compared. What is fetched and stored is the URL as it was found, in its normal spelling.
"""

from __future__ import annotations

import re
from collections.abc import Callable

_TRACKING = re.compile(
    r"utm_\w+|at_(?:medium|campaign\w*|custom\d|link_\w+|format|ptr_\w+|bbc_team)|ns_(?:campaign|mchannel|source|linkname)"
    r"|fb(?:clid|_action_ids|_action_types|_source)|[gd]clid|gclsrc|[gw]braid|msclkid|yclid|twclid|ttclid|igsh(?:id)?"
    r"|li_fat_id|mc_[ce]id|_ga|_gl|_hs(?:enc|mi)|__hs\w+|mkt_tok|cmpid|cmp_?id|ocid|xtor|wt_?mc|wt\.mc_id|s_cid|vero_id"
    r"|oly_(?:anon|enc)_id|hsctatracking|spm|pk_\w+|mtm_\w+|piwik_\w+|matomo_\w+|ga_\w+|rb_clickid|wickedid",
    re.IGNORECASE,
)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_SESSION = re.compile(
    r"(?:php|j|asp|oc|sess?)?sess(?:ion)?_?id[a-z]{0,8}|aspsessionid\w*|cfid|cftoken|oscsid|zenid", re.IGNORECASE
)
_SHORT_SESSION = re.compile(r"(?:s|sid|sess|session)=[0-9a-z$-]{16,}", re.IGNORECASE)
_SESSION_IN_PATH = re.compile(r";(?:jsessionid|phpsessid|sid)=[^/?#;]*|/\((?:[A-Za-z]\([0-9A-Za-z]{20,}\))+\)", re.I)


def spell_normally(url: str) -> str:
    """Return *url* as RFC 3986 6.2.2 spells it: escapes in capitals, and none of what needs no escape."""
    return _ESCAPE.sub(_spell, url) if "%" in url else url


def spell_in_small_letters(url: str) -> str:
    """Return *url* with escapes as WordPress writes them: ``%c3%b1``."""
    return _ESCAPE.sub(lambda found: found[0].lower(), url) if "%" in url else url


def _spell(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    return character if character in _UNRESERVED else escape[0].upper()


def strip_tracking(url: str) -> str:
    """Return *url* without tracking parameters; the others stay as they are."""
    return _keep(url, lambda field: not _TRACKING.fullmatch(field.partition("=")[0]))


def strip_session(url: str) -> str:
    """Return *url* without session ids, in its path or its query."""
    path, mark, query = url.partition("?")
    return _keep(_SESSION_IN_PATH.sub("", path) + mark + query, lambda field: not _is_session(field))


def _is_session(field: str) -> bool:
    return bool(_SESSION.fullmatch(field.partition("=")[0]) or _SHORT_SESSION.fullmatch(field))


def _keep(url: str, is_kept: Callable[[str], bool]) -> str:
    path, mark, query = url.partition("?")
    if not mark:
        return url
    fields = query.split("&")
    kept = [field for field in fields if is_kept(field)]
    if len(kept) == len(fields):
        return url
    return f"{path}?{'&'.join(kept)}" if any(kept) else path
