"""How bylines begin in the languages of newspapers, as a table of our own: what their pages print before a name."""

from __future__ import annotations

import re

_LABELS = {
    "en": "text and photos|text and photos by|text and pictures by|words and pictures by|words and photos by|"
    "text|words|author|"
    "authors|writer|reporter|story|interview|about the author|about the authors|"
    "meet the author|written|written by|reported by|words by|text by|story by|article by|posted by|published by|"
    "authored by|analysis by|opinion by|review by|recipe by|guide by|report by|"
    "this post was written by|this article was written by|this story was written by",
    "de": "text und fotos|text und bilder|mit material von|text|texte|autor|autorin|autoren|autorinnen|"
    "verfasser|verfasserin|verfasst von|geschrieben von|"
    "veröffentlicht von|erstellt von|eingestellt von|ein beitrag von|ein artikel von|ein kommentar von|"
    "ein gastbeitrag von|ein interview von|ein bericht von|eine analyse von|beitrag von|artikel von|kommentar von|"
    "gastbeitrag von|interview von|bericht von|text von|reportage von",
    "es": "texto y fotos|texto|autor|autora|autores|escrito por|publicado por|redactado por|texto de|"
    "redacción por|un texto de",
    "pt": "texto|autor|autora|autores|escrito por|publicado por|texto de|redação por|reportagem de",
    "fr": "texte et photos|texte|auteur|auteure|autrice|auteurs|écrit par|rédigé par|publié par|"
    "propos recueillis par|texte de|"
    "un article de",
    "it": "testo|testi|autore|autrice|autori|a cura di|scritto da|pubblicato da|articolo di|testo di|intervista di",
    "nl, af": "tekst|auteur|auteurs|geschreven door|tekst door|teks",
    "sv": "text|skribent|reporter|skriven av|skrivet av|text av",
    "da, nb": "tekst|forfatter|skribent|journalist|skrevet af|skrevet av|tekst af|tekst av",
    "fi": "teksti|kirjoittaja|kirjoittanut|toimittaja", "is": "texti|höfundur",
    "et": "tekst|autor|kirjutas", "lv": "teksts|autors|autore", "lt": "autorius|autorė|tekstas|parengė",
    "pl": "pisze|tekst|autor|autorka|autorzy|opracowanie|oprac|napisał|napisała|rozmawiał|rozmawiała",
    "cs, sk": "text|autor|autorka|autoři|autori|napsal|napsala|napísal|napísala|píše",
    "sl, hr, bs, sr": "autor|autorica|autorka|avtor|avtorica|piše|napisao|napisala|besedilo|tekst",
    "hu": "szerző|szerzők|írta|szöveg|interjú", "ro": "autor|autori|scris de|text de|articol de",
    "sq": "autori|shkruan",
    "el": "γράφει|γράφει ο|γράφει η|συντάκτης|συντάκτρια|κείμενο|του|της|ρεπορτάζ",
    "ru": "автор|авторы|автор текста|текст|беседовал|беседовала|подготовил|подготовила|написал|написала|"
    "корреспондент",
    "uk, be": "автор|автори|аўтар|текст|підготував|підготувала|розмовляв|тэкст", "bg, mk": "автор|автори|текст|пише",
    "sr": "аутор|аутори|пише|текст", "kk, ky, tg": "авторы|автор|муаллиф", "mn": "зохиогч|сурвалжлагч",
    "hy": "հեղինակ", "ka": "ავტორი",
    "tr": "haber|yazan|yazar|yazı|hazırlayan|muhabir|röportaj|derleyen|haber merkezi", "az": "müəllif|yazar",
    "uz": "muallif",
    "ar": "بقلم|كتب|كتبت|كتبه|كتابة|إعداد|اعداد|تقرير|حوار|الكاتب|المؤلف|المصدر بقلم|مراسل",
    "fa": "نویسنده|نوشته|به قلم|گزارش|گزارشگر|خبرنگار|نگارنده", "ur": "تحریر|مصنف|رپورٹ", "ps": "لیکوال",
    "he": "מאת|כתב|כתבה|כתבת|כותב|כותבת", "yi": "פון",
    "hi, mr, ne": "लेखक|लेखिका|द्वारा|रिपोर्ट|संवाददाता|लेखन", "bn": "লেখক|প্রতিবেদক|লিখেছেন",
    "ta": "எழுதியவர்|ஆசிரியர்",
    "te": "రచయిత", "ml": "എഴുതിയത്", "th": "โดย|เรื่อง|ผู้เขียน|ข่าวโดย|เรื่องโดย|เขียนโดย", "lo": "ໂດຍ", "km": "ដោយ",
    "my": "ရေးသားသူ",
    "vi": "tác giả|bài viết|bài|theo|viết bởi|phóng viên",
    "id, ms": "oleh|penulis|laporan|reporter|ditulis oleh|pewarta",
    "fil": "isinulat ni|ulat ni|ni", "sw": "na|mwandishi|imeandikwa na|imeandaliwa na",
    "ca": "text|autor|autora|redacció",
    "eu": "egilea|testua|idazlea", "gl": "texto|autor", "cy": "gan|awdur", "ga": "údar",
    "zh": "记者|記者|作者|文|撰文|本报记者|本報記者|撰稿|文字|采写|採訪|"
    "採訪報導|报道|報導|通讯员|特约记者|实习记者|新京报记者",
    "ja": "文|記者|著者|筆者|執筆|取材|取材・文|文責|ライター|聞き手|構成|文・構成",
    "ko": "글|기자|글쓴이|작성자|취재|저자",
}  # fmt: skip
"""What may be followed by a colon; by language, in lower case."""

_PREPOSITIONS = {
    "en": "by", "de": "von|vom", "es, pt": "por", "fr": "par", "it": "di|da", "ca": "per", "nl": "door",
    "sv, da, nb": "av|af", "pl": "przez", "ru": "от", "hr": "od", "el": "από", "th": "โดย", "id": "oleh",
    "bg": "от", "ja": "文",
}  # fmt: skip
"""What stands before a name without a colon."""


def _list_words(table: dict[str, str]) -> list[str]:
    return sorted({word for words in table.values() for word in words.split("|")}, key=lambda word: (-len(word), word))


LABELS = "|".join(map(re.escape, _list_words(_LABELS)))
PREPOSITIONS = "|".join(map(re.escape, _list_words(_PREPOSITIONS)))
"""Alternatives for regular expressions, the longest first."""

_AMBIGUOUS = frozenset({"de", "van", "per", "da", "na", "ni", "od", "bài", "theo", "του", "της", "story", "gan"})
"""With these many a line begins that is no byline."""
_MARKS = " :：・／/｜|=＝"

_STARTS = {*_list_words(_LABELS), *_list_words(_PREPOSITIONS)} - _AMBIGUOUS
BYLINE_STARTS = frozenset(
    [word[:3] for word in _STARTS if len(word) > 2]
    + [word + mark for word in _STARTS if len(word) <= 2 for mark in _MARKS]
    + ["by", "von", "par", "por"]
)
"""The first two or three characters of texts that may be a byline, in lower case."""
