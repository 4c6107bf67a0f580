"""Authors, from markup and bylines."""

from __future__ import annotations

import pytest

from hemeroteca.extraction.metadata.agencies import find_agency_in_text
from hemeroteca.extraction.metadata.authors import read_authors
from hemeroteca.extraction.metadata.bylines import split_names
from hemeroteca.extraction.metadata.person_names import is_person_name
from tests.extraction.markup import json_ld, markup, meta, news
from tests.extraction.pages import HEADLINE

H1 = f"<h1>{HEADLINE}</h1>"
ANA = ("Ana Rubio",)


@pytest.mark.parametrize(
    ("body", "head", "names", "known"),
    [
        ("", news(author={"@type": "Person", "name": "Ana Rubio"}), ANA, "json-ld:author"),
        ("", news(author=["Ana Rubio", {"name": "Jon Lasa"}]), ("Ana Rubio", "Jon Lasa"), "json-ld:author"),
        (
            "",
            json_ld({"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@id": "#a", "name": "Ana Rubio"}]}),
            ANA,
            "json-ld:author",
        ),
        ("", '<meta name="author" content="By Ana Rubio and Jon Lasa">', ("Ana Rubio", "Jon Lasa"), "meta:author"),
        (f'{H1}<a rel="author" href="/x">Ana Rubio</a>', "", ANA, "rel:author"),
        (f'{H1}<span itemprop="author"><b itemprop="name">Ana Rubio</b></span>', "", ANA, "itemprop:author"),
        (f'{H1}<a href="/autores/ana-rubio/">Ana Rubio</a>', "", ANA, "author-link"),
        (f'{H1}<p class="byline">Por <b>Ana Rubio</b>, <i>Redactora</i> 24 Nov 2026</p>', "", ANA, "byline"),
        (f"{H1}<p>Written by Ana Rubio</p>", "", ANA, "text"),
        (f"{H1}<p>Written by</p><p>Ana Rubio</p>", "", ANA, "text"),
        # a person that is shown comes before an office, a handle or the site that is declared
        (f"{H1}<p class='author'>Ana Rubio</p>", news(author={"name": "The Faro Group"}), ANA, "byline"),
        (f"{H1}<p class='author'>Ana Rubio</p>", '<meta name="author" content="a.rubio">', ANA, "byline"),
        # who only helped wrote nothing
        (f"{H1}<p><a rel='author'>Ana Rubio</a>, edited by <a rel='author'>Jon Lasa</a></p>", "", ANA, "rel:author"),
        # nor did who is named elsewhere
        (f"{H1}<aside><p class='author'>Jon Lasa</p></aside><p>By Ana Rubio</p>", "", ANA, "text"),
        ("", news(author={"name": "dpa"}), ("dpa",), "json-ld:author"),
        ("", news(author=[{"name": "Reuters"}, {"name": "Ana Rubio"}]), ("Reuters", "Ana Rubio"), "json-ld:author"),
        ("", news(author={"name": "El Faro"}) + meta(og_site_name="El Faro"), ("El Faro",), "json-ld:author"),
        ("", meta(article_author="https://facebook.com/ana"), (), "none: the page names no author"),
        ("", "", (), "none: the page names no author"),
    ],
)  # fmt: skip
def test_authors_are_those_of_the_most_trusted_source(body: str, head: str, names: tuple[str, ...], known: str) -> None:
    found = read_authors(markup(body, head))
    assert (found.names, found.known) == (names, known)


def test_every_source_of_authors_is_kept() -> None:
    body = f"{H1}<p class='byline'>By Ana Rubio</p>"
    found = read_authors(markup(body, news(author="El Faro") + '<meta name="author" content="a.rubio">'))
    assert [(one.source, one.value) for one in found.candidates] == [
        ("json-ld:author", "El Faro"),
        ("meta:author", "a.rubio"),
        ("byline", "Ana Rubio"),
        ("text", "Ana Rubio"),
    ]


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("By Ana Rubio, Jon Lasa and Mia Roth", ["Ana Rubio", "Jon Lasa", "Mia Roth"]),
        ("Ana Rubio y Jon Lasa", ["Ana Rubio", "Jon Lasa"]),
        ("VonAna Rubio | 24.11.2026", ["Ana Rubio"]),
        ("Ana Rubio, Ph.D.", ["Ana Rubio"]),
        ("Ana Rubio is a reporter at El Faro", ["Ana Rubio"]),
        ("Photo: Ana Rubio", []),
        ("https://faro.test/ana", []),
        ("Daniel Byrne", ["Daniel Byrne"]),
        ("x" * 100_000, []),
        # in capitals nothing of a name is taken for "by"
        ("By DIANA PARKER", ["DIANA PARKER"]),
        ("By ABBY GOODWIN, THOMAS KAPLER and ROBERT PEARCE", ["ABBY GOODWIN", "THOMAS KAPLER", "ROBERT PEARCE"]),
        ("Von DAVID VONHOFF", ["DAVID VONHOFF"]),
        ("Av Per Johansson", ["Per Johansson"]),
        ("By Da Silva", ["Da Silva"]),
        # roles are no persons
        ("By Jane Doe, AP Entertainment Writer", ["Jane Doe"]),
        ("AP Entertainment Writer", []),
        ("By Agnes Orme Environment Correspondent", ["Agnes Orme"]),
        ("Chief Political Correspondent Ana Rubio", ["Ana Rubio"]),
        ("By Agnes Orme, Tom Reed and 3 others", ["Agnes Orme", "Tom Reed"]),
        ("Text: Ana Rubio, Fotos: Jon Lasa", ["Ana Rubio"]),
        ("The Currency editors", ["The Currency editors"]),
        # one person
        ("Orme, Agnes", ["Agnes Orme"]),
        ("Orme, Agnes; Reed, Tom", ["Agnes Orme", "Tom Reed"]),
        ("Kaufman, Jeff T.", ["Jeff T. Kaufman"]),
        ("van der Meer, Ludwig", ["Ludwig van der Meer"]),
        ("Reuters, Manila", ["Reuters", "Manila"]),
        ("By E.J. Dionne Jr. and Alan B. Reed III", ["E.J. Dionne Jr.", "Alan B. Reed III"]),
        ("By E.J. Dionne, Jr., Tom Reed", ["E.J. Dionne Jr.", "Tom Reed"]),
        ("AFP/The Local", ["AFP/The Local"]),
        ("dpa/lno", ["dpa/lno"]),
        ("Ana Rubio/Jon Lasa", ["Ana Rubio", "Jon Lasa"]),
        ("José Ortega y Gasset", ["José Ortega y Gasset"]),
        ("Story Musgrave", ["Story Musgrave"]),
        ("By Agnes Orme in Berlin", ["Agnes Orme"]),
        ("Niko Matsakis on behalf of the team", ["Niko Matsakis"]),
    ],
)
def test_a_byline_is_split_into_names(said: str, names: list[str]) -> None:
    assert split_names(said) == names


def test_a_declared_name_may_begin_as_a_byline_does() -> None:
    assert split_names("Di Maria Rossi", shown=False) == ["Di Maria Rossi"]
    assert split_names("Von Ana Rubio", shown=False) == ["Ana Rubio"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("بقلم: سلمى الحداد", "سلمى الحداد"), ("كتب أحمد علي", "أحمد علي"), ("מאת: נועה לוי", "נועה לוי"),
        ("نویسنده: نسرین رضایی", "نسرین رضایی"), ("โดย สมชาย ใจดี", "สมชาย ใจดี"), ("记者：李静", "李静"),
        ("文/李静", "李静"), ("作者：李静", "李静"), ("文・森田恵子", "森田恵子"), ("取材・文 森田恵子", "森田恵子"),
        ("森田恵子記者", "森田恵子"), ("김민지 기자", "김민지"), ("글 김민지", "김민지"),
        ("Haber: Ayşe Yılmaz", "Ayşe Yılmaz"),
        ("Von Anna Schmidt", "Anna Schmidt"), ("Ein Kommentar von Anna Schmidt", "Anna Schmidt"),
        ("Por Ana Rubio", "Ana Rubio"), ("Par Anne Martin", "Anne Martin"), ("Di Maria Rossi", "Maria Rossi"),
        ("Door Jan de Vries", "Jan de Vries"), ("Av Kari Nordmann", "Kari Nordmann"), ("Af Bo Holm", "Bo Holm"),
        ("Autor: Jan Novák", "Jan Novák"), ("Text: Eva Lind", "Eva Lind"), ("Автор Анна Иванова", "Анна Иванова"),
        ("Текст: Анна Иванова", "Анна Иванова"), ("Szerző: Nagy Anna", "Nagy Anna"), ("Pisze Anna Nowak", "Anna Nowak"),
        ("Oleh Budi Santoso", "Budi Santoso"), ("Tác giả: Lê Phương", "Lê Phương"), ("लेखक: राम कुमार", "राम कुमार"),
        ("Γράφει ο Γιώργος Παππάς", "Γιώργος Παππάς"), ("Teksti: Aino Mäki", "Aino Mäki"),
        ("Аутор: Ана Јовић", "Ана Јовић"), ("Autore: Maria Rossi", "Maria Rossi"), ("Scris de Ion Popa", "Ion Popa"),
    ],
)  # fmt: skip
def test_bylines_of_many_languages_are_read(line: str, name: str) -> None:
    assert split_names(line) == [name]
    assert is_person_name(name)
    for body in (f"{H1}<p class='byline'>{line}</p>", f"{H1}<p>{line}</p>"):
        if body.count("class") or not line.endswith(("記者", "기자")):
            assert read_authors(markup(body)).names == (name,)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("By Agnes Orme, Senior Writer, and Tom Reed, Reporter", ("Agnes Orme", "Tom Reed")),
        ("By Agnes Orme<br>and Tom Reed", ("Agnes Orme", "Tom Reed")),
        ("By DIANA PARKER</p><p class='byline'>AP Entertainment Writer", ("DIANA PARKER",)),
        ("By <b>Agnes Orme</b><br>Education Editor", ("Agnes Orme",)),
        ("Text and photos by Agnes Orme", ("Agnes Orme",)),
        ("Text: Agnes Orme, Fotos: Tom Reed", ("Agnes Orme",)),
        ("Words by Agnes Orme, photographs by Tom Reed", ("Agnes Orme",)),
        ("Words by <a href='/1'>Agnes Orme</a>, photographs by <a href='/2'>Tom Reed</a>", ("Agnes Orme",)),
        ("By AGNES ORME / The Associated Press", ("AGNES ORME",)),
        ("Von unserem Korrespondenten Max Weber", ("Max Weber",)),
        ("Mit Material von dpa", ("dpa",)),
        ("By Suharto", ("Suharto",)),
    ],
)
def test_a_byline_gives_its_authors_and_no_one_else(line: str, names: tuple[str, ...]) -> None:
    assert read_authors(markup(f"{H1}<p class='byline'>{line}</p>")).names == names


def test_reporters_in_chinese_are_told_apart() -> None:
    assert split_names("本报记者 李静 王强") == ["李静", "王强"]


@pytest.mark.parametrize(
    ("line", "agency"), [("By Reuters", "Reuters"), ("Von dpa", "dpa"), ("Por EFE", "EFE"), ("Από Reuters", "Reuters")]
)
def test_a_byline_may_be_an_agencys(line: str, agency: str) -> None:
    found = read_authors(markup(f"{H1}<p class='byline'>{line}</p>"))
    assert (found.names, found.agency) == ((agency,), agency)


def test_who_took_a_picture_and_which_section_it_is_are_no_authors() -> None:
    caption = "<figure><img src='/a.jpg'><figcaption class='author'>By Jon Lasa</figcaption></figure>"
    assert read_authors(markup(f"{H1}{caption}<p>By Ana Rubio</p>")).names == ANA
    link = "<a href='/people/hyundai-tests' class='author'>Hyundai Tests</a>"
    assert read_authors(markup(f"{H1}{link}", meta(article_section="Hyundai Tests"))).names == ()


def test_a_line_that_names_the_author_counts_after_the_text_too() -> None:
    body = f"{H1}{'<p>The crane had turned by then.</p>' * 700}<p>Written by Ana Rubio</p>"
    assert read_authors(markup(f"<article>{body}</article>")).names == ANA
    later = body.replace("Written by", "By")
    assert read_authors(markup(f"<article>{later}</article>")).names != ANA


@pytest.mark.parametrize(
    "name",
    [
        "Ana Rubio", "Ursula von der Leyen", "J. R. R. Tolkien", "Aoife O'Riordan", "松岡大地", "Emily Post", "Kim Min",
        "Herbert Read", "Edith Head", "Mary Street", "Frank Press", "Siobhán O’Neill-d’Arcy", "Ngũgĩ wa Kamau",
        "Abdul-Rahman al-Rashed", "Ludwig van der Meer", "Ben Affleck", "Al Gore", "María de la Cruz", "अमित शाह",
        "สมชาย ใจดี", "ジョン・スミス", "E.J. Dionne Jr.", "Alan B. Reed III", "Marie-Ève d'Aoust", "Lê Văn Đức",
    ],
)  # fmt: skip
def test_persons_have_names_of_persons(name: str) -> None:
    assert is_person_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "Podium Staff",
        "El Faro Online",
        "a.rubio",
        "ana",
        "Read More",
        "Deutsche Welle",
        "Washington Post",
        "Associated Press",
        "Le Monde",
        "Redacción",
        "Text Size",
        "More Posts",
        "Min Read",
    ],
)
def test_offices_and_handles_are_no_persons(name: str) -> None:
    assert not is_person_name(name)


@pytest.mark.parametrize(
    ("head", "agency"),
    [
        (news(author={"name": "dpa"}), "dpa"),
        (news(author=["Ana Rubio", "AFP"]), "AFP"),
        ('<meta name="author" content="Associated Press">', "AP"),
        (news(author="Ana Rubio"), None),
    ],
)
def test_an_agency_is_credited_beside_the_authors(head: str, agency: str | None) -> None:
    assert read_authors(markup(H1, head)).agency == agency


@pytest.mark.parametrize(
    ("lines", "agency"),
    [
        (["LONDON (Reuters) - The crane turns.", "More."], "Reuters"),
        (["MADRID (AP) — The crane turns.", "More."], "AP"),
        (["Madrid, 24 nov (EFE).- La grúa gira.", "Más."], "EFE"),
        (["The crane turns.", "More text of the harbour.", "dpa/lno"], "dpa"),
        (["The crane turns.", "© dpa-infocom, dpa:261124-99-1/2"], "dpa"),
        (["“One step back,” he added as quoted by Reuters.", "The ap on my phone said so."], None),
        ([], None),
    ],
)
def test_a_text_credits_an_agency_where_agencies_are_credited(lines: list[str], agency: str | None) -> None:
    assert find_agency_in_text(lines) == agency
