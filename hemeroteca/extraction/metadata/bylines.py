"""Bylines: the names in them, and which names are persons'."""

from __future__ import annotations

import re

from hemeroteca.extraction.page.untrusted_strings import clean_line

MAX_NAMES = 30

_VERBS = (
    r"written|reported|posted|published|reviewed|authored|edited|words|story|article|report|analysis|opinion|recipe|"
    r"guide"
    r"|this (?:post|article|story) was written|(?:ein )?(?:artikel|beitrag|kommentar|gastbeitrag|interview|bericht)"
    r"|eine analyse|geschrieben|veröffentlicht|erstellt|eingestellt|verfasst|escrito|publicado|redactado|rédigé|"
    r"écrit|publié"
    r"|scritto|pubblicato|a cura|geschreven|skrevet|skriven"
)
_PREPOSITIONS = r"by|von|vom|par|por|per|di|da|door|av|af|przez"
BY = re.compile(
    rf"\A\W*(?:(?:{_VERBS})\W+(?:{_PREPOSITIONS})|{_PREPOSITIONS}|autor(?:in|es|a|en|innen)?|auteurs?|autor[ei]|"
    rf"authors?"
    r"|verfasser(?:in)?|redaktion(?=:)|text|words|interview|writer|reporter|(?:about )?the authors?|meet the author)"
    r"(?:\s*:\s*|\s+|(?=(?-i:[A-ZÄÖÜÉ]))|\Z)",
    re.IGNORECASE,
)
"""How a byline begins: "By", "Von", "Written by", "Text:", also where markup left no space after it."""

_PLAIN_BY = re.compile(r"\A(?:written |posted )?by:?(?:\s+|\Z)", re.IGNORECASE)
_VON_PERSON = re.compile(r"\AVon (?=[A-ZÄÖÜ]\S+ [A-ZÄÖÜ])")
_SPLIT = re.compile(r"\s*[;|•·\n]\s*|\s*/\s*|\s*,\s*|\s+&\s+|\s+(?:and|und|with|mit|sowie)\s+", re.IGNORECASE)
_AND = re.compile(r"\s+(?:y|e|et|en|och|og|i|ja|ve)\s+")
_DEGREE = re.compile(
    r"\A(?:jr|sr|ph\.?\s?d|m\.?\s?d|m\.?a|b\.?a|m\.?sc?|b\.?sc?|d\.?v\.?m|v\.?m\.?d|esq|i{2,3}|iv|r\.?n|b\.?s\.?n|"
    r"mba|cpa|"
    r"cfp|lcsw|dpt|rd|rdn|ldn|faculty|facs|faclm|dacvb)\.?\Z",
    re.IGNORECASE,
)
_MONTHS = (
    r"jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|fév|avr|juin|août|déc|"
    r"mon|tue|wed|thu|fri|sat|sun"
)
_REST = re.compile(
    rf"\s*(?:[–—(\[@|]|\s-\s|\bpublished\b|\bupdated\b|\bposted\b|\blast\s|\bon\s+(?:{_MONTHS})|"
    rf"\b(?:{_MONTHS})[a-zé]*\.?\s+\d"
    r"|\bam\s+(?:\d|\w+tag\b)|\bum\s\d|\b\d{1,2}[.:/-]\s?\d{1,2}|\b\d{1,2}\.?\s+[a-zäé]{3,9}\.?\s+\d{4}|\b(?:19|"
    r"20)\d\d\b"
    r"|\b\d+\s+(?:min|comment|kommentar)|\bis an?\s|\bist\s|\bleave a\s).*",
    re.IGNORECASE | re.DOTALL,
)
_ROLE = re.compile(
    r"(?:,|\s)\s*(?:(?:senior|chief|contributing|associate|deputy|managing|executive|political|staff|former|guest|"
    r"lead|tech"
    r"|business|sports?)\s+)*(?:writer|editor|reporter|correspondent|columnist|contributor|redakteur(?:in)?|founder|"
    r"co-founder|director|manager|journalist|autor(?:in)?)\b.*\Z",
    re.IGNORECASE,
)
_NEVER = re.compile(
    r"https?:|www\.|\d{4}|[{}<>=_#\\?!]|\.(?:css|js|png|svg|html)\b|\b(?:read more|view all|all posts|share|"
    r"follow(?:ing)?|"
    r"subscribe|comments?|kommentar\w*|admin(?:istrator)?|unknown|anonymous|null|undefined|none|profile|posts by|"
    r"biography|"
    r"facebook|twitter|instagram|linkedin|whatsapp|e-?mail|newsletter|photographs?|photos?|fotos?|copyright|"
    r"nachrichtenagentur|"
    r"uncategorized|advertis\w+|sponsored|gesponserte|abbrechen|full bio|learn more|member login|page\.head|image|"
    r"quelle|source)\b",
    re.IGNORECASE,
)
_NO_PERSON = re.compile(
    r"\b(?:staff|team|editors?|editorial|desk|news|nachrichten|redaktion|online|media|press|magazine|magazin|group|"
    r"agency|"
    r"agencies|inc|ltd|llc|gmbh|company|blog|contributors?|the|of|for|und|today|times|post|journal|insider|university|"
    r"institute|network|community|association|school|center|centre|services?|club|tv|radio|zeitung|verlag|e\.v|writer|"
    r"reporter|director|manager|expert|founder|author|digital|marketing|welle|analyst|consultant|specialist|officer|"
    r"president|"
    r"head|more|learn|login|profil|policy|terms|about|all|view|see|editor|updated|read|min|mins|your|our|am|pm|"
    r"sponsored|affiliate|disclosure|street|phone|address|lanka|states|kingdom)\b|\.\w{2,3}\Z|@",
    re.IGNORECASE,
)
_PARTICLES = frozenset(
    {
        "de", "del", "della", "di", "da", "dos", "das", "do", "du", "des", "van", "von", "vom", "der", "den", "ter",
        "ten",
        "la", "le", "el", "al", "bin", "ibn", "y", "e", "zu", "zum", "af", "av", "st", "o",
    }
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_](?:[\w.'’ʼ´`-]*[\w.'’])?\.?")


def split_names(byline: str, shown: bool = True) -> list[str]:
    """Return the names in a byline, at most 30.

    In one that is declared and not *shown*, "Von" and "Di" may begin a name.
    """
    cut_start = _cut_by if shown else _cut_plain_by
    line = clean_line(byline, 600)
    if "://" in line:
        return []
    names: list[str] = []
    for part in _SPLIT.split(cut_start(line)):
        if names and _DEGREE.fullmatch(part.strip()):
            continue
        for name in _split_pair(part):
            bare = _ROLE.sub("", _REST.sub("", cut_start(name))).strip(" .,:;-–—|*\"'“”()[]")
            if is_possible_name(bare):
                names.append(bare)
    return list(dict.fromkeys(names))[:MAX_NAMES]


def is_byline(text: str) -> bool:
    """Say whether *text* begins like a byline."""
    return BY.match(text) is not None


def is_possible_name(name: str) -> bool:
    """Say whether *name* can be a name at all, of a person or not."""
    return 1 < len(name) <= 60 and len(name.split()) <= 8 and not _NEVER.search(name) and any(map(str.isalpha, name))


def is_person_name(name: str) -> bool:
    """Say whether *name* looks like a person's: two to six capitalised words or particles, none of an office."""
    if _NO_PERSON.search(name):
        return False
    words = name.split()
    if len(words) == 1:
        return 2 <= len(name) <= 5 and name.isalpha() and ord(name[0]) > 0x2E80  # written without spaces
    names = [word for word in words if word.lower() not in _PARTICLES]
    return (
        2 <= len(words) <= 6
        and bool(names)
        and all(_WORD.fullmatch(word) and word[0] == word[0].upper() for word in names)
        and len(names) >= min(2, len(words))
    )


def _cut_by(line: str) -> str:
    for _ in range(3):
        found = BY.match(line)
        if not found or found.end() == 0:
            break
        line = line[found.end() :]
    return line


def _cut_plain_by(line: str) -> str:
    return _VON_PERSON.sub("", _PLAIN_BY.sub("", line))


def _split_pair(part: str) -> list[str]:
    """Return both persons of "Ana Rubio y Jon Lasa": a short conjunction separates only names of two words or more."""
    sides = _AND.split(part)
    return sides if len(sides) > 1 and all(len(side.split()) >= 2 for side in sides) else [part]
