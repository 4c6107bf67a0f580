"""Which names are persons', by how they are written and by words that only offices, sites and buttons have."""

from __future__ import annotations

import re
import unicodedata

_OFFICE = re.compile(
    r"\b(?:staff|team|editors?|editorial|desk|newsdesk|news|newsroom|nachrichten|redaktion\w*|redacci[oó]n|reda[cç][cç][aã]o|"
    r"r[ée]daction|redazione|redactie|redaksjon\w*|toimitus|redakcja|redakce|redakcia|redakcija|szerkesztőség|uredništvo|"
    r"редакц\w+|rédacteurs|online|media|magazine|magazin|group|agency|agencies|agenci\w+|agenc[eo]s?|agentur\w*|bureau|"
    r"inc|ltd|llc|gmbh|ag|company|blog|contributors?|the|of|for|und|today|times|journal|insider|university|universität|"
    r"institute?|network|community|association|school|center|centre|services?|club|tv|radio|zeitung|verlag|e\.v|"
    r"writers?|reporters?|director|manager|expert|founder|author|digital|marketing|welle|analyst|consultant|specialist|"
    r"officer|president|correspondents?|learn|login|profil|policy|terms|about|all|view|see|updated|your|our|am|pm|"
    r"sponsored|affiliate|disclosure|phone|address|lanka|states|kingdom|merkezi|servisi|posts|size|font|print|listen|search|menu|sign|articles?|text|website|webdesk|wires?|"
    r"comité|comunicación|ministry|ministerium|office|department|foundation|stiftung|society|council|committee)\b"
    r"|\.\w{2,4}\Z|@|編集部|编辑部|編輯部|新闻|新聞社|통신|뉴스|취재팀|تحرير|تحریریه|מערכת|กองบรรณาธิการ",
    re.IGNORECASE,
)
"""Words of offices, sites and roles: no person has them in a name."""

_ALSO_NAMES = frozenset(
    {
        "press", "min", "mins", "read", "head", "street", "post", "more", "share", "page", "story", "image", "reader",
        "source", "mark", "close", "young", "banks", "church", "field", "fields", "best", "law", "price", "day", "may",
    }
)  # fmt: skip
"""Words of pages that are family names too: one of them may be a person's."""

_PAPERS = frozenset(
    {
        "associated", "bangkok", "canadian", "daily", "denver", "detroit", "europa", "evening", "financial", "free",
        "huffington", "jakarta", "jerusalem", "jiji", "khmer", "lebanon", "morning", "national", "new", "palm",
        "saturday",
        "south", "sunday", "the", "united", "washington", "weekly", "world", "york", "click", "add", "leave", "next",
        "last", "first", "main", "home", "front", "blog", "guest", "latest", "related", "wall", "high", "full", "to",
    }
)  # fmt: skip
"""What makes a newspaper, an agency or a button of one of those words."""

_PARTICLES = frozenset(
    {
        "de", "del", "della", "delle", "dello", "dei", "degli", "di", "da", "dal", "dalla", "dos", "das", "do", "du",
        "des", "van", "von", "vom", "der", "den", "dem", "ter", "ten", "te", "tot", "thoe", "op", "het", "la", "las",
        "le", "los", "lo", "el", "al", "ul", "ur", "bin", "binti", "bint", "ibn", "ben", "bat", "abu", "y", "e", "i",
        "zu",
        "zum", "zur", "af", "av", "st", "o", "wa", "ole", "ap", "ab", "ferch", "ní", "nic", "mac", "ua", "ó",
        "'t", "’t", "d'", "d’", "san", "santa", "ould", "ag", "a/l", "a/p", "s/o", "d/o",
    }
)  # fmt: skip
_ARTICLES = frozenset({"le", "la", "el", "il", "les", "los", "las", "der", "die", "das", "the", "het", "de"})
_GENERATION = re.compile(r"(?:jr|sr|jnr|snr)\.?|I{2,3}|IV|V", re.IGNORECASE)
_LOWER_PREFIX = re.compile(r"\A(?:[a-z]{1,2}[’'‘]|(?:a[dlnrstz]|e[dls]|ul|bin|ibn)[-‐])")
"""As in d’Arcy and al-Rashed."""
_INNER_SIGNS = frozenset(".'’ʼ´`‘-‐‑·・")


def is_person_name(name: str) -> bool:
    """Say whether *name* looks like a person's: two to six capitalised words or particles, none of an office.

    A script without capitals has names of two to six words too; Chinese, Japanese and Korean names may be one.
    """
    words = name.split()
    if _OFFICE.search(" ".join(word for word in words if word not in _PARTICLES)):
        return False
    if _is_of_a_page([word.lower().strip(".,") for word in words]):
        return False
    if len(words) == 2 and words[0].lower() in _ARTICLES:
        return False  # Le Monde
    if len(words) == 1:
        return _is_written_together(name)
    names = [word for word in words if word not in _PARTICLES and not _GENERATION.fullmatch(word)]
    return 2 <= len(words) <= 6 and len(names) >= min(2, len(words)) and all(map(_is_capitalised_word, names))


def _is_of_a_page(words: list[str]) -> bool:
    """Say whether folded *words* are a newspaper's or a button's: "Washington Post", "Read More"; not "Emily Post"."""
    also = sum(word in _ALSO_NAMES for word in words)
    return also > 1 or (also == 1 and (len(words) == 1 or any(word in _PAPERS for word in words)))


def _is_written_together(name: str) -> bool:
    """Say whether *name* is a whole name in one word, as Chinese, Japanese and Korean ones are."""
    is_kana = "・" in name and all("\u30a0" <= sign <= "\u30ff" or "\u4e00" <= sign <= "\u9fff" for sign in name)
    return is_kana or (2 <= len(name) <= 5 and name.isalpha() and ord(name[0]) > 0x2E80)


def _is_capitalised_word(word: str) -> bool:
    """Say whether *word* is of letters, the first a capital where its script has them; ``d’Arcy`` is one too."""
    if not all(sign in _INNER_SIGNS or unicodedata.category(sign)[0] in "LM" for sign in word):
        return False
    first = _LOWER_PREFIX.sub("", word)
    return bool(first) and first[0].isalpha() and first[0] == first[0].upper()
