"""News agencies, and the names under which newspapers credit them."""

from __future__ import annotations

import re

from hemeroteca.extraction.page.untrusted_strings import fold_words

_NAMES = {
    "AAP": "aap, australian associated press",
    "Adnkronos": "adnkronos",
    "Agerpres": "agerpres",
    "AFP": "afp, agence france presse, afp factcheck, agencia afp, agência afp",
    "AGI": "agi",
    "Anadolu": "anadolu, anadolu agency, anadolu ajansı, aa",
    "ANI": "ani",
    "ANP": "anp",
    "ANSA": "ansa, agenzia ansa",
    "AP": "ap, associated press, the associated press, ap news, agencia ap",
    "APA": "apa, austria presse agentur",
    "Belga": "belga, agence belga",
    "BNS": "bns",
    "Bloomberg": "bloomberg, bloomberg news",
    "CNS": "中新社, 中国新闻网",
    "CP": "canadian press, the canadian press",
    "ČTK": "čtk, ctk",
    "DHA": "dha, demirören haber ajansı",
    "dpa": "dpa, dpa picture alliance, deutsche presse agentur, deutsche presse agentur gmbh, dpa infocom",
    "dpa-AFX": "dpa afx",
    "EFE": "efe, agencia efe",
    "epd": "epd, evangelischer pressedienst",
    "Europa Press": "europa press, europapress, ep",
    "IANS": "ians",
    "İHA": "iha, i̇ha, ihlas haber ajansı",
    "Interfax": "interfax, интерфакс",
    "HINA": "hina",
    "ISNA": "isna, ایسنا",
    "Jiji": "jiji, jiji press, 時事通信, 時事",
    "Keystone-ATS": "ats, keystone ats",
    "Keystone-SDA": "sda, keystone sda",
    "KNA": "kna",
    "Kyodo": "kyodo, kyodo news, 共同通信, 共同",
    "LaPresse": "lapresse",
    "Lusa": "lusa, agência lusa",
    "MTI": "mti",
    "Notimex": "notimex",
    "NTB": "ntb",
    "PA": "pa, pa media, press association, pa news agency",
    "PAP": "pap",
    "PTI": "pti, press trust of india",
    "Reuters": "reuters, thomson reuters, reuters staff, agencia reuters, 路透社, ロイター, رويترز",
    "RIA Novosti": "ria novosti, риа новости, рия новости",
    "Ritzau": "ritzau",
    "SID": "sid, sport informations dienst",
    "STT": "stt",
    "TASS": "tass, tass news agency, тасс",
    "Tanjug": "tanjug, танјуг",
    "TASR": "tasr",
    "Télam": "télam, telam",
    "TT": "tt",
    "Ukrinform": "ukrinform, укрінформ",
    "UNIAN": "unian, уніан, унiан",
    "UPI": "upi, united press international",
    "Xinhua": "xinhua, xinhua news agency, 新华社, 新華社",
    "Yonhap": "yonhap, yonhap news agency, 연합뉴스",
}
AGENCIES = {credited: name for name, all_credited in _NAMES.items() for credited in all_credited.split(", ")}
"""By folded name, the name that documents have."""

_UNAMBIGUOUS = {name for name in AGENCIES if len(name) > 3} | {"afp", "dpa", "efe", "epd"}
"""Names that mean nothing else at the end of a text or in brackets; "ap" and "pa" are words of some language."""

_CREDIT = re.compile(r"[(\[]\s*([^()\[\]]{2,60}?)\s*[)\]]")
_DATELINE = re.compile(r"\A[^\n.]{0,60}?[(\[]?\b([A-Z][\w-]{1,20}(?: [A-Z]\w{2,15})?)\b[)\]]?\s*(?:[-–—:]|\)\s)")
_BETWEEN_NAMES = re.compile(r"[/,;+&|]|\s(?:and|und|y|et|e|via|with|mit)\s|\s[-–—]\s|\.\s")


def find_agency_in_byline(byline: str) -> str | None:
    """Return the first agency in *byline*, such as ``dpa/lno``, ``AFP, MANILA`` or ``Reuters and Ana Rubio``."""
    whole = fold_words(byline)
    if whole in AGENCIES:
        return AGENCIES[whole]
    return next(
        (AGENCIES[name] for part in _BETWEEN_NAMES.split(byline) if (name := fold_words(part)) in AGENCIES), None
    )


def find_agency_in_text(lines: list[str]) -> str | None:
    """Return the agency that a text credits: in its dateline, or in its last lines, alone or in brackets."""
    if not lines:
        return None
    first = lines[0][:200]
    for found in (*_CREDIT.finditer(first[:100]), *_DATELINE.finditer(first)):
        name = fold_words(found[1])
        if name in _UNAMBIGUOUS or (
            name in AGENCIES and found[1].isupper() and found[0].strip().startswith(("(", "["))
        ):
            return AGENCIES[name]
    for line in reversed(lines[-3:]):
        ends = [line] if len(line) < 60 else [found[1] for found in _CREDIT.finditer(line[-80:])]
        for end in ends:
            agency = find_agency_in_byline(end.strip(" ()[]©–—-"))
            if agency and (fold_words(agency) in _UNAMBIGUOUS or len(ends[0]) < 20):
                return agency
    return None
