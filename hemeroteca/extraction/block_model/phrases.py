"""Phrases that newspapers of many languages put around articles and not into them, and words that every text has."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

_PROMOS = (
    # English
    r"also read|read (also|more|next|the full|our)|see also|related( stories| articles| content| news)?\s*:?\s*$|"
    r"related:|"
    r"more (from|on|about|stories|news)|most (read|popular|viewed)|trending|you (may|might) also|recommended|up next|"
    r"(sign|log) (up|in)\b|subscribe|newsletter|follow (us|me|on)|share (this|on|via)|click here|advertisement|"
    r"(watch|listen)( now)?\s*:|continue reading|story continues|scroll (down|to)|leave a (reply|comment)|"
    r"comments?\s*$|"
    r"your e-?mail|all rights reserved|copyright|photo(graph)?s?( by)?\s*:|image (credit|source|copyright)|"
    r"getty images|"
    r"download (the|our)|get (the|our) (app|latest)|have a (news )?tip|contact (us|the)|terms of|privacy policy|"
    r"(last )?updated\s*(on|at|:)|published\s*(on|at|:)|posted (on|in|by)|written by|by [A-Z]\w+ [A-Z]\w+\s*$|tags?:|"
    r"topics?:|filed under|editor'?s? (note|pick)|disclaimer|sponsored|support (our|us|the)|donate|join (us|our)|"
    r"\d+ min(ute)?s? read|know more|find out more|learn more|view (all|comments|gallery)|back to top|print this|"
    # German
    r"lesen sie (auch|hier|mehr)|mehr (zum thema|lesen|dazu)|auch interessant|zum thema|siehe auch|das könnte|"
    r"meistgelesen|newsletter|jetzt (lesen|abonnieren|anmelden)|anmelden|abonnieren|teilen|folgen sie|anzeige\s*$|"
    r"kommentare?\b|startseite|foto:|bild:|quelle:|©|\(c\)|von [A-Z]\w+ [A-Z]\w+\s*$|stand:|zur startseite|"
    r"externer inhalt|"
    # Spanish, Portuguese, Italian, French, Catalan
    r"lea tambi[eé]n|leer m[aá]s|lee tambi[eé]n|te puede interesar|m[aá]s (informaci[oó]n|noticias|sobre|le[ií]do)|"
    r"suscr[ií]b|s[ií]guenos|comparte|noticias? relacionad|ver m[aá]s|[uú]nete|reg[ií]strate|"
    r"leia (tamb[eé]m|mais)|veja (tamb[eé]m|mais)|saiba mais|assine|siga|compartilhe|"
    r"leggi anche|leggi di pi[uù]|per saperne|iscriviti|condividi|seguici|potrebbe interessarti|"
    r"(à )?lire aussi|lire (la suite|plus)|voir aussi|à voir|abonnez|inscrivez|partager|suivez|"
    r"sur le m[eê]me (sujet|thème)|"
    # Dutch, Scandinavian, Polish, Turkish, Russian and others
    r"lees (ook|meer|verder)|meer over|bekijk ook|deel dit|abonneer|les (også|mer|mere)|läs (också|mer|även)|lue myös|"
    r"czytaj (też|także|więcej)|zobacz (też|także|również)|polecamy|udostępnij|przeczytaj|"
    r"ayrıca oku|ilgili haber|çok okunan|paylaş|abone ol|читайте (также|еще)|подпис(ывайтесь|аться|ка)|поделиться|"
    r"смотрите также|по теме|фото:|читайте ще|baca juga|simak juga|đọc thêm|xem thêm|"
    r"(続き|全文)を読む|関連(記事|ニュース)|"
    r"اقرأ أيضا|شاهد أيضا|पढ़ें|相关(阅读|新闻)|延伸阅读|責任編輯|責任编辑|קראו גם"
)  # fmt: skip

PROMO = re.compile(r"^\W*(" + _PROMOS.replace("[A-Z]", "[a-z]") + ")")
"""How a line begins that sends the reader elsewhere or credits a picture. For lines in lower case: faster."""

_PROMO_WORDS = {
    "newsletter": "newsletter", "subscri": "subscri", "sign up": "sign up", "inbox": "inbox", "follow us": "follow us",
    "click here": "click here", "all rights": "all rights reserved", "whatsapp": "whatsapp", "facebook": "facebook",
    "twitter": "twitter", "instagram": "instagram", "telegram": "telegram", "youtube": "youtube", "tiktok": "tiktok",
    "podcast": "podcast", "download": "download", "@": r"@\w", "http": "https?://", "www.": r"www\.",
    "abonn": "abonnement|abonnieren", "suscr": "suscr[ií]b", "getty": "getty", "reuters": r"reuters\s*$",
    "afp": r"\bafp\b", "dpa": r"\bdpa\b", "©": "©", "shutterstock": "shutterstock", "istock": "istock",
    "cookie": "cookie",
}  # fmt: skip
"""What such lines contain, in lower case: a string that is in every match, and the pattern."""
_ANY_PROMO_WORD = re.compile("|".join(_PROMO_WORDS.values()))

_CLOCK = ("ago", "am", "pm", "uhr", "gmt", "utc")
CLOCK = frozenset(_CLOCK)
_DATED = re.compile(
    r"\b(19|20)\d\d\b|\d{1,2}[:.]\d\d\b|\d{1,2}[./]\d{1,2}[./]\d{2,4}|" + rf"\b({'|'.join(_CLOCK)})\b", re.IGNORECASE
)
_DATED_CHARS = 120

CREDIT = re.compile(
    r"\b(REUTERS|Reuters|AFP|EFE|EPA|ANSA|DPA|dpa|AP|AP Photo|TASS|XINHUA|EUROPA PRESS|LUSA|PAP|ANP|APA|KEYSTONE|"
    r"IMAGO|Imago|GETTY|Getty Images|Shutterstock|iStock|Unsplash|Alamy|picture alliance|Handout)"
    r"(\s?/\s?[A-Z][\w .'’-]{2,40})?[\s)\]]*\Z"
)
"""How a caption ends that names the agency of its picture. A sentence has a full stop behind: "told Reuters."."""

READ_ALSO = re.compile(
    r"\W*(also read|read (also|more|next)|see also|related( \w+)?\s*:?\s*$|more (stories|news|from|on|about)|"
    r"more [\w ]{1,40}(stories|news|articles|posts|guides)\W*$|most (read|popular|viewed)|trending|"
    r"(if you liked this,? )?you (may|might) also|recommended|up next|don['’]t miss|"
    r"editor['’]?s picks?|around the web|(top|latest) (stories|news)|"
    r"lesen sie auch|mehr zum thema|auch interessant|zum thema|siehe auch|das könnte sie|meistgelesen|"
    r"lea tambi[eé]n|lee tambi[eé]n|te puede interesar|noticias relacionad|m[aá]s (noticias|le[ií]do)|"
    r"leia (tamb[eé]m|mais)|veja (tamb[eé]m|mais)|leggi anche|potrebbe interessarti|"
    r"(à )?lire aussi|voir aussi|à voir|sur le m[eê]me|lees ook|meer over|bekijk ook|les (også|mer)|läs (också|mer)|"
    r"lue myös|czytaj (też|także)|zobacz (też|także|również)|polecamy|przeczytaj|i̇?lgili haber|çok okunan|"
    r"читайте (также|ще)|смотрите также|по теме|baca juga|simak juga|xem thêm|đọc thêm|関連(記事|ニュース)|"
    r"あわせて読みたい|اقرأ أيضا|شاهد أيضا|यह भी पढ़ें|ये भी पढ़ें|相关(阅读|新闻)|延伸阅读|קראו גם)"
)
"""How a line begins that announces other articles. For lines in lower case."""

CORRECTION = re.compile(
    r"\W*(correction|corrections|clarification|an earlier version of this|a previous version of this|"
    r"this (article|story|post|report) (was|has been|is) (updated|corrected|amended)|"
    r"update[d]?\s*[:,(–—-].{0,40}(an earlier|this (article|story))|editor'?s note:.{0,60}(earlier|corrected|updated)|"
    r"berichtigung|korrektur|richtigstellung|in einer (früheren|ersten) version|"
    r"correcci[oó]n|fe de err|rectificaci[oó]n|una versi[oó]n anterior|"
    r"rectificatif|erratum|une (première )?version (précédente|antérieure)|"
    r"errata|correzione|rettifica|una (precedente )?versione (precedente)?|corre[cç][aã]o|erramos|uma versão anterior|"
    r"rectificatie|correctie|in een eerdere versie|rättelse|rettelse|oikaisu|sprostowanie|düzeltme|"
    r"поправка|исправлени|уточнение|更正|訂正|정정|바로잡습니다|تصحيح|תיקון|भूल सुधार)\w*"
)
"""How an article begins to correct itself. For lines in lower case."""

COPYRIGHT = re.compile(
    r"\W*(copyright\b|\(c\)|©|all rights reserved|alle rechte vorbehalten|todos los derechos|tous droits|"
    r"tutti i diritti|todos os direitos|alle rechten|все права защищены|tüm hakları|版权所有|版權所有|無断転載|"
    r"무단\s?전재|저작권자|جميع الحقوق)"
)
"""How a line begins that says whose copyright a text is. For lines in lower case."""

EMBED_PLACEHOLDER = re.compile(
    r"\W*(externer inhalt|empfohlener (redaktioneller|externer) inhalt|ich bin (damit )?einverstanden, dass mir|"
    r"an dieser stelle (finden|findest|befindet|steht) .{0,80}inhalt|"
    r"(hierbei|dabei|damit) (können|werden) personenbezogene daten|"
    r"personenbezogene daten (können|werden) (dabei )?an dritt|"
    r"(this|the) (content|video|post|map) (is|was) (hosted|provided) by|"
    r"to (view|see|watch|display) this (content|video|post|tweet|map|embed)|"
    r"this (article|content) (contains|includes) content [^.]{0,60}\. we ask|"
    r"please (accept|enable) [^.]{0,30}cookies|"
    r"(ce contenu|cette vidéo|ce tweet) (est|a été) bloqué|(para ver|este contenido) [^.]{0,30}(cookies|bloquead)|"
    r"(per vedere|questo contenuto) [^.]{0,40}cookie|(om deze|deze) (inhoud|content|video)[^.]{0,40}cookies)"
)
"""How what stands in place of embedded content begins, until the reader agrees to see it. For lines in lower case."""

_MONTHS = (
    r"jan\w*|feb\w*|f[eé]v\w*|m[aä]r\w*|mar\w*|apr\w*|abr\w*|avr\w*|ma[iyj]\w*|jun\w*|jui\w*|jul\w*|lugl\w*|aug\w*|"
    r"ago\w*|août|sep\w*|set\w*|o[ck]t\w*|ott\w*|out\w*|nov\w*|de[cz]\w*|di[ck]\w*|gen\w*|ene\w*|giu\w*|mag\w*"
)
_DAYS = (
    r"mon(day)?|tue(s|sday)?|wed(nesday)?|thu(r|rs|rsday)?|fri(day)?|sat(urday)?|sun(day)?|lunes|martes|mi[eé]rcoles|"
    r"jueves|viernes|s[aá]bado|domingo|lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|(mon|diens|donners|frei|"
    r"sams|sonn)tag|mittwoch|luned[iì]|marted[iì]|mercoled[iì]|gioved[iì]|venerd[iì]|domenica|segunda|terça|quarta|"
    r"quinta|sexta(-feira)?"
)
DATE_LINE = re.compile(
    rf"(({_DAYS}|{_MONTHS}|\d{{1,4}}|am|pm|uhr|h|gmt|utc|e[sd]t|cet|de|del|of|at|um|à|le|the|st|nd|rd|th)\b|\W)+",
    re.IGNORECASE,
)
"""A line that is only a date or a time of day."""

CAPITAL = re.compile(r"[A-ZÀ-ÖØ-ÞА-ЯΑ-Ω]")

SENTENCE_END = frozenset(".!?…\"”»’'“)。！？」』．｡؟۔।॥။።፧፨។៕།༎։᠃᠉꓿᱾᱿")
"""How sentences end: full stops (Sentence_Terminal in Unicode's PropList) of the scripts of newspapers, and quotes.

Thai and Lao have none.
"""

COMMON = frozenset(
    {
        "a", "aan", "about", "af", "al", "ale", "alla", "als", "an", "anche", "and", "are", "as", "at", "att",
        "au", "auch", "auf", "aus", "av", "avec", "az", "be", "been", "bei", "bij", "bir", "bu", "but", "by", "ce",
        "che", "co", "com", "como", "con", "da", "dan", "dans", "dari", "das", "dat", "de", "dei", "del", "della",
        "dem", "den", "dengan", "der", "des", "det", "di", "die", "do", "du", "een", "egy", "ei", "ein", "eine",
        "el", "elle", "em", "en", "er", "es", "est", "este", "et", "ett", "että", "for", "from", "för", "für",
        "gli", "ha", "had", "har", "has", "hat", "have", "he", "her", "het", "hij", "his", "hogy", "i", "ikke",
        "il", "ile", "im", "in", "ini", "inte", "is", "ist", "it", "itu", "için", "ja", "jag", "jak", "je", "jest",
        "la", "las", "le", "les", "lo", "los", "ma", "maar", "mais", "med", "men", "met", "mit", "more", "my",
        "más", "na", "ne", "nel", "nem", "nicht", "nie", "niet", "no", "non", "not", "não", "o", "och", "od", "of",
        "og", "olan", "olarak", "oli", "om", "on", "ook", "op", "or", "os", "ou", "pada", "par", "para", "pas",
        "per", "pero", "più", "plus", "po", "por", "pour", "på", "que", "qui", "s", "said", "se", "she", "si",
        "sich", "sie", "się", "som", "son", "sono", "sont", "su", "sur", "sus", "så", "te", "that", "the", "their",
        "there", "they", "this", "til", "till", "to", "um", "uma", "un", "una", "und", "une", "untuk", "v", "van",
        "ve", "von", "voor", "w", "was", "we", "were", "what", "which", "who", "will", "wird", "with", "would",
        "y", "yang", "you", "your", "z", "za", "zijn", "zu", "är", "è", "és", "że", "že", "в", "за", "и", "из",
        "к", "как", "на", "не", "но", "он", "от", "по", "с", "у", "что", "это",
    }
)  # fmt: skip
"""Function words of some twenty languages: running text is full of them, a menu is not."""


def find_promo_words(lines: Sequence[str]) -> list[bool]:
    """Say which of *lines*, in lower case, contain a word that only lines around an article contain."""
    found = [False] * len(lines)
    joined = "\n".join(lines)
    ends = list(accumulate(len(line) + 1 for line in lines))
    for hint in _PROMO_WORDS:
        at = joined.find(hint)
        while at >= 0:
            index = bisect_right(ends, at)
            found[index] = found[index] or _ANY_PROMO_WORD.search(lines[index]) is not None
            at = joined.find(hint, ends[index])
    return found


def find_dated_lines(lines: Sequence[str], suspects: Iterable[bool]) -> list[bool]:
    """Say which of *lines* begin with a date or a time. *suspects* says which have a digit or a word of ``CLOCK``."""
    return [
        (suspect or (len(line) > _DATED_CHARS and line[:_DATED_CHARS].lower().endswith(_CLOCK)))
        and _DATED.search(line, 0, _DATED_CHARS) is not None
        for line, suspect in zip(lines, suspects, strict=True)
    ]
