"""Bylines: the names in them, without what stands before and after: "By", roles, places, dates."""

from __future__ import annotations

import re

from hemeroteca.extraction.metadata.agencies import AGENCIES
from hemeroteca.extraction.metadata.person_names import is_person_name
from hemeroteca.extraction.page.byline_words import LABELS, PREPOSITIONS
from hemeroteca.extraction.page.untrusted_strings import clean_line, fold_words

MAX_NAMES = 30

_COLON = r"\s*[:：・=＝｜|／/]\s*"
_LABEL = re.compile(
    rf"\A\W*(?:{LABELS}|(?:redaktion|foto)(?=:))(?P<colon>{_COLON})?(?:\s+|(?<=[:：・=＝｜|／/])|\Z)", re.IGNORECASE
)
_PREPOSITION = re.compile(
    rf"\A\W*(?P<word>{PREPOSITIONS})(?:\s*[:：]\s*|\s+|(?<=(?-i:[a-zäöü]))(?=(?-i:[A-ZÄÖÜÉ]))|\Z)", re.IGNORECASE
)
"""How a byline begins: "By", "Von", "VonAna" where markup left no space after it; never within a name in capitals."""

_NAME_BEGINNINGS = frozenset({"di", "da", "de", "van", "per", "од", "od"})
_PLAIN_BY = re.compile(r"\A(?:written |posted )?by:?(?:\s+|\Z)", re.IGNORECASE)
_VON_PERSON = re.compile(r"\AVon (?=[A-ZÄÖÜ]\S+ [A-ZÄÖÜ])")
_SPLIT = re.compile(
    r"\s*[;|•·\n、，،؛]\s*|\s+/\s*|\s*/\s+|\s*,\s*|\s+&\s+|\s+(?:and|und|with|mit|sowie|dan|és|și|şi|και|и|і|та|و|"
    r"और|এবং|及|和|与|與)\s+",
    re.IGNORECASE,
)
_LEADING_AND = re.compile(r"\A(?:and|und|y|et|och|og|sowie|with|mit|&)\s+", re.IGNORECASE)
_TIGHT_SLASH = re.compile(r"(?<=\w)/(?=\w)")
_AND = re.compile(r"\s+(?:y|e|et|en|och|og|i|ja|ve)\s+")
_AND_BETWEEN_PERSONS = re.compile(r"\s+(?:a|in|và|eta|ir|un|kaj|och|ja)\s+")
_INVERTED = re.compile(r"((?:[a-z]{2,4} ){0,2}[^\W\d_][\w'’‘-]+),\s+([^\W\d_][\w'’‘.-]*(?:\s[^\W\d_][\w.]*)?)")
_GENERATION = re.compile(r"(?:jr|sr|jnr|snr)\.?|i{2,3}|iv", re.IGNORECASE)
_DEGREE = re.compile(
    r"(?:ph\.?\s?d|m\.?\s?d|m\.?a|m\.?s|b\.?a|m\.?sc?|b\.?sc?|d\.?v\.?m|v\.?m\.?d|esq|r\.?n|b\.?s\.?n|mba|cpa|cfp|lcsw|dpt|"
    r"rdn?|ldn|faculty|facs|faclm|dacvb)\.?",
    re.IGNORECASE,
)
_MONTHS = (
    r"jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez|ene|abr|ago|dic|fév|avr|juin|août|déc|"
    r"mon|tue|wed|thu|fri|sat|sun"
)
_REST = re.compile(
    rf"\s*(?:[–—(（\[@|｜]|\s-\s|\bpublished\b|\bupdated\b|\bposted\b|\blast\s|\bon\s+(?:{_MONTHS})|"
    rf"\b(?:{_MONTHS})[a-zé]*\.?\s+\d"
    r"|\bam\s+(?:\d|\w+tag\b)|\bum\s\d|\b\d{1,2}[.:/-]\s?\d{1,2}|\b\d{1,2}\.?\s+[a-zäé]{3,9}\.?\s+\d{4}|\b(?:19|"
    r"20)\d\d\b"
    r"|\b\d+\s+(?:min|comment|kommentar)|\bis an?\s|\bist\s|\bleave a\s|\bon behalf of\b|"
    r"\sin\s(?!['’]t\b|der\b|het\b)|"
    r"\b(?:illustration|fotos?|photos?|photography|bilder|grafik)(?:en)?\s+(?:von|by|par|de)\b).*",
    re.IGNORECASE | re.DOTALL,
)
_ARTICLE = re.compile(r"(?:the|our|your|die|das|la|el|les|los|il)\b", re.IGNORECASE)
_OPEN_END = re.compile(r"\s+(?:in|at|for|from|aus|en|à|bei|on|dans|für)\Z")
_BEATS = (
    "ap|afp|bbc|cnn|nbc|cbs|abc|npr|pa|usa today|senior|junior|chief|contributing|associate|assistant|deputy|managing|"
    "executive|staff|former|guest|lead|special|freelance|investigative|general|assignment|breaking|daily|"
    "political|politics|white house|westminster|congressional|parliamentary|business|economics?|financial|finance|"
    "money|markets|city|technology|tech|science|space|health|medical|environment|climate|energy|education|crime|courts?|"
    "legal|"
    "home affairs|foreign|world|international|national|local|regional|metro|diplomatic|security|defen[cs]e|"
    "entertainment|showbiz|arts|culture|music|film|tv|television|theat(?:re|er)|books?|fashion|style|food|wine|travel|"
    "lifestyle|features?|opinion|comment|sports?|football|soccer|basketball|baseball|cricket|rugby|golf|tennis|racing|"
    "motoring|transport|religion|royal|social affairs|social media|media|digital|data|audience|photo|video|night|news|"
    "weekend|sunday|us|uk|eu|asia|africa|europe|middle east|brussels|washington|berlin|paris|moscow|beijing"
)
_ROLE_NOUNS = (
    "writer|editor|editor-in-chief|reporter|correspondent|columnist|contributor|critic|analyst|producer|anchor|"
    "journalist|commentator|blogger|photographer|redakteur(?:in)?|chefredakteur(?:in)?|reporterin|korrespondent(?:in|en)?|"
    "volontär(?:in)?|autor(?:in)?|journalistin|founder|co-founder|director|manager|redactor[a]?|periodista|"
    "corresponsal|enviad[oa] especial|colaborador[a]?|journaliste|rédact(?:eur|rice)|correspondante?|"
    "envoyée? spéciale?|"
    "giornalista|inviat[oa]|corrispondente|repórter|jornalista|correspondente|verslaggever|redacteur|toimittaja|"
    "dziennikar[kz]a?|redaktor(?:ka)?|muhabir[i]?|editör[ü]?|журналист(?:ка)?|корреспондент|обозреватель|редактор"
)
_ROLE = re.compile(rf"(?:\A|,|\s)\s*(?:(?:{_BEATS})\s+)*(?:(?:{_BEATS})/)?(?:{_ROLE_NOUNS})s?\b.*\Z", re.IGNORECASE)
_LEADING_ROLE = re.compile(
    rf"\A\s*(?:(?:our|unser\w*|nuestr[oa]|notre|de notre)\s+)?(?:(?:{_BEATS})\s+)*(?:{_ROLE_NOUNS})[\s:]+",
    re.IGNORECASE,
)
_CHINESE_REPORTERS = re.compile(
    r"\A\W*(?:本报|新华社)?(?:记者|通讯员|特约记者|实习记者)[\s:：]*((?:[\u4e00-\u9fff]{2,4}\s+)+[\u4e00-\u9fff]{2,4})\s*\Z"
)
_EAST_ASIAN_ROLE = re.compile(
    r"\A(?:本报|本報|新华社)?(?:记者|記者|通讯员|기자)[\s:：]*|\s*(?:记者|記者|기자|선임기자|특파원|논설위원|編集委員|通讯员)\Z"
)
_NEVER = re.compile(
    r"https?:|www\.|\d{4}|[{}<>=_#\\?!]|\.(?:css|js|png|svg|html)\b|\b(?:read more|view all|all posts|"
    r"share (?:this|on)|"
    r"follow(?:ing)?|"
    r"subscribe|comments?|kommentar\w*|admin(?:istrator)?|unknown|anonymous|null|undefined|profile|posts by|biography|"
    r"facebook|twitter|instagram|linkedin|whatsapp|e-?mail|newsletter|photographs?|photos?|fotos?|copyright|"
    r"nachrichtenagentur|\d+ (?:others?|more)|"
    r"uncategorized|advertis\w+|sponsored|gesponserte|abbrechen|full bio|learn more|member login|page\.head|"
    r"quelle)\b|\A(?:share|image|source|none|author|autor|by)\Z",
    re.IGNORECASE,
)


def split_names(byline: str, shown: bool = True) -> list[str]:
    """Return the names in a byline, at most 30. "Orme, Agnes" is one, and so is "E.J. Dionne, Jr.".

    In one that is declared and not *shown*, "Von" and "Di" may begin a name.
    """
    cut_start = _cut_by if shown else _cut_plain_by
    line = clean_line(byline, 600)
    if "://" in line:
        return []
    reporters = _CHINESE_REPORTERS.match(line)
    if reporters:
        return reporters[1].split()
    names: list[str] = []
    for piece in re.split(r"\s*;\s*", cut_start(line)):
        for part in _split_parts(piece):
            if names and _GENERATION.fullmatch(part.strip()):
                names[-1] = f"{names[-1]} {part.strip()}"
            elif not (names and _DEGREE.fullmatch(part.strip())):
                found = (_trim_name(cut_start(name)) for name in _split_pair(part))
                names += [name for name in found if is_possible_name(name)]
    return list(dict.fromkeys(names))[:MAX_NAMES]


def is_byline(text: str) -> bool:
    """Say whether *text* begins like a byline: "By", "Text:", or a label before a person's name."""
    if _PREPOSITION.match(text):
        return True
    found = _LABEL.match(text)
    if not found:
        return False
    rest = text[found.end() :]
    return (
        bool(found["colon"])
        or not rest
        or _PREPOSITION_WITHIN.search(found[0]) is not None
        or any(map(is_person_name, split_names(rest)))
    )


_PREPOSITION_WITHIN = re.compile(rf"\W(?:{PREPOSITIONS})\s*\Z", re.IGNORECASE)


def is_labelled(text: str) -> bool:
    """Say whether *text* begins with a label that names an author wherever it stands: "Written by", "Autor:"."""
    found = _LABEL.match(text)
    return bool(found and (found["colon"] or _PREPOSITION_WITHIN.search(found[0])))


def is_possible_name(name: str) -> bool:
    """Say whether *name* can be a name at all, of a person or not."""
    return 1 < len(name) <= 60 and len(name.split()) <= 8 and not _NEVER.search(name) and any(map(str.isalpha, name))


def _trim_name(text: str) -> str:
    """Return *text* without what follows a name: a role, a date, a place."""
    bare = _REST.sub("", text)
    led = _LEADING_ROLE.sub("", bare)
    if led != bare and is_person_name(led.strip(" ,")):
        bare = led
    without_role = _ROLE.sub("", bare)
    if " " in without_role.strip() and not is_person_name(without_role.strip(" ,")) or _ARTICLE.match(without_role):
        without_role = bare  # an office: "The Currency editors"
    name = _EAST_ASIAN_ROLE.sub("", without_role)
    name = _OPEN_END.sub("", name.strip(" ,:;-–—|*\"'“”()[]"))
    bare = name.rstrip(" .,:;-–—|*\"'“”()[]").lstrip(".")
    return f"{bare}." if re.search(r"(?:\b(?:jr|sr)|(?<![\w.])(?-i:[A-Z]))\.\Z", name, re.IGNORECASE) else bare


def _split_parts(line: str) -> list[str]:
    """Return the parts of a byline between its commas, slashes and conjunctions."""
    inverted = _INVERTED.fullmatch(line.strip())
    if inverted and _is_inverted(*inverted.groups()):
        return [f"{inverted[2]} {inverted[1]}"]
    parts: list[str] = []
    for part in _SPLIT.split(line):
        sides = _TIGHT_SLASH.split(_LEADING_AND.sub("", part))
        parts += sides if all(len(side.split()) > 1 for side in sides) else ["/".join(sides)]
    return parts


def _is_inverted(family: str, given: str) -> bool:
    """Say whether these are a family name and a given one, and not a name and a role, a place or an agency."""
    if _ROLE.search(given) or _DEGREE.fullmatch(given) or _GENERATION.fullmatch(given):
        return False
    if {fold_words(family), fold_words(given)} & AGENCIES.keys() or given.isupper() and len(given) > 3:
        return False
    return is_person_name(f"{given} {family}") and family[-1].isalpha()


def _cut_by(line: str) -> str:
    """Return *line* without labels and one preposition before its names."""
    for _ in range(2):
        found = _LABEL.match(line)
        if not found or not (found["colon"] or _is_followed_by_name(line[found.end() :], found[0])):
            break
        line = line[found.end() :]
    found = _PREPOSITION.match(line)
    if not found:
        return line
    rest = line[found.end() :]
    is_name = found["word"].lower() in _NAME_BEGINNINGS and len(rest.split()) == 1 and fold_words(rest) not in AGENCIES
    return line if is_name else rest


def _is_followed_by_name(rest: str, label: str) -> bool:
    """Say whether *rest* is names and *label* no part of them: "Text Ana Rubio", not "Story Musgrave"."""
    first = re.split(r"[,;&|]|\s(?:and|und|y|et|e)\s", rest)[0]
    return not rest or _PREPOSITION_WITHIN.search(label) is not None or is_person_name(_trim_name(_cut_by_once(first)))


def _cut_by_once(text: str) -> str:
    found = _PREPOSITION.match(text)
    return text[found.end() :] if found else text


def _cut_plain_by(line: str) -> str:
    return _VON_PERSON.sub("", _PLAIN_BY.sub("", line))


def _split_pair(part: str) -> list[str]:
    """Return both persons of "Ana Rubio y Jon Lasa": a short conjunction separates only names of two words or more."""
    sides = _AND.split(part)
    if len(sides) > 1 and all(len(side.split()) >= 2 for side in sides):
        return sides
    sides = _AND_BETWEEN_PERSONS.split(part)
    return sides if len(sides) > 1 and all(map(is_person_name, sides)) else [part]
