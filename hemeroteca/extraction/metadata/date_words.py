"""The words beside a date that say what it is the date of: "published", "updated", in the languages of newspapers.

A list of our own, by language: what newspapers print, as stems where a language inflects. CLDR has no such words.
"""

from __future__ import annotations

import re

_CHANGED = {
    "en": r"updat|modif|edited|revised|corrected|last\s+changed",
    "de": r"aktualisiert|geändert|bearbeitet|stand\s?:",
    "es, pt, gl": r"actualizad|atualiza|modificad|alterad|última actualización",
    "ca": r"actualitza", "eu": r"eguneratu",
    "fr": r"mis à jour|mise à jour|maj\b|modifié|actualisé",
    "it": r"aggiorna|modificat",
    "ro": r"actualizat|modificat",
    "nl, af": r"bijgewerkt|gewijzigd|aangepast|opgedateer",
    "sv, da, nb, is": r"uppdatera|opdatere|oppdatert|ändrad|ændret|endret|uppfært",
    "fi, et": r"päivitetty|muokattu|uuendatud|muudetud",
    "lv, lt": r"atjaunin|atnaujin",
    "pl": r"aktualiz|zmodyfikowan",
    "cs, sk, sl": r"upraven|posodobljen|spremenjen",
    "hr, bs, sr, mk": r"ažuriran|izm[ij]*enjen|ажурирано|измењено",
    "ru, uk, be, bg": r"обновл|обновен|изменен|изменён|отредакт|оновлен|змінен|абноўлен|актуализ|редактиран",
    "hu": r"frissít|módosít", "el": r"ενημερ|ενημέρωση|τροποποι", "sq": r"përditësuar",
    "tr, az": r"güncel|yenilən", "kk, ka, hy": r"жаңарт|განახლ|թարմաց",
    "ar": r"تحديث|تعديل", "fa": r"روزرسانی|ویرایش|به.?روز", "ur": r"اپ ?ڈیٹ", "he": r"עודכן|עדכון",
    "hi, mr, ne": r"अपडेट|अद्यतन|संशोधित|अद्यावधिक", "bn": r"আপডেট|হালনাগাদ",
    "th": r"อัปเดต|อัพเดท|อัพเดต|แก้ไข|ปรับปรุง", "vi": r"cập nhật", "id, ms": r"diperbar|dikemas kini|update",
    "ja, zh": r"更新|修正|改訂|修改|修訂", "ko": r"수정|업데이트|최종",
}  # fmt: skip

_PUBLISHED = {
    "en": r"publi[sc]|posted|created|release|first|written|issued|date|^by\b|^on\b",
    "de": r"veröffentlicht|erschienen|erstellt|datum|^von\b|^am\b",
    "es, pt, gl, ca": r"publicad|publicat|postado|criado|creado|fecha",
    "fr": r"publié|paru|créé|rédigé|posté|^le\b", "it": r"pubbl", "ro": r"publicat", "eu": r"argitaratu",
    "nl, af": r"gepubliceerd|geplaatst|gepubliseer",
    "sv, da, nb, is": r"publicer|publiser|udgivet|offentliggjort|birt\b",
    "fi, et, lv, lt": r"julkaistu|avaldatud|kirjutas|publicēt|paskelbt",
    "pl": r"opublik|dodano|utworzono|data publikacji", "cs, sk": r"publikov|zveřejněn|zverejnen|vydán[oa]",
    "sl, hr, bs, sr, mk": r"objavljen|објављено|објавено", "hu": r"megjelent|közzétéve|létrehozva|publikál",
    "ru, uk, be, bg": r"опублик|опублік|апублік|размещен|создан|публикув", "el": r"δημοσι", "sq": r"publikuar",
    "tr, az": r"eklenme|yayın|giriş|oluştur|dərc|yayım", "kk, ka, hy": r"жариялан|გამოქვეყნ|հրապարակ",
    "ar": r"نشر|نُشر", "fa": r"انتشار|منتشر|تاریخ", "ur": r"شائع|اشاعت", "he": r"פורסם|פרסום",
    "hi, mr, ne": r"प्रकाशित|प्रकाशन", "bn": r"প্রকাশ", "th": r"เผยแพร่|โพสต์|ลงข่าว", "vi": r"đăng|xuất bản",
    "id, ms": r"terbit|dipublikasi|tayang|rilis|disiarkan",
    "ja, zh": r"公開|掲載|配信|投稿|発行|发布|發布|发表|發表|刊登|時間|时间", "ko": r"입력|등록|승인|게재|작성",
}  # fmt: skip

_CLOCK = (
    r"current (?:time|date)|it is currently|all times are|aktuelle(?:s datum|\s(?:zeit|uhrzeit))|heute ist|"
    r"date et heure actuelles|il est actuellement|(?:fecha y )?hora actual|ora corrente|текущее время|сейчас\s:"
)

CLOCK_WORDS = re.compile(_CLOCK, re.IGNORECASE)
"""What forums print before the time of the visit."""

CHANGED_WORDS = re.compile("|".join(_CHANGED.values()), re.IGNORECASE)
PUBLISHED_WORDS = re.compile("|".join(_PUBLISHED.values()), re.IGNORECASE)

STAGE_WORDS = re.compile(
    r"\b(?:accepted|received|angenommen|eingegangen|aceptad[oa]|recibid[oa]|aceito|recebido|accettato|ricevuto)\b|"
    r"\b(?:reçue?|acceptée?) le\b|принят[аоы]? к печати|поступил[аои]? в редакцию|受理日|受付日|收稿",
    re.IGNORECASE,
)
"""What journals print of the days before publication: such a date is neither of a publication nor of a change."""

OPENING_WORDS = re.compile(r"by|von|am|le|on", re.IGNORECASE)
"""Words that a line of the date begins with, and a sentence too."""

_AFTER = re.compile(
    r"\s*[(（]?(?:(更新|修正|改訂|修改|수정)|(公開|掲載|配信|投稿|発行|发布|發布|입력|등록))[)）]?(?!\s*[:：\d])"
)
"""Chinese, Japanese and Korean pages have the word after the date too."""


def find_label_after(text: str) -> bool | None:
    """Return whether *text*, which follows a date, calls it the date of a change; None where it says nothing."""
    found = _AFTER.match(text)
    return found[1] is not None if found else None
