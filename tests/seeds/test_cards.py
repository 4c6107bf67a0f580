"""Cards as files: what is read, and how a wrong one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pydantic import ValidationError

from hemeroteca.configuration import CHECKOUT
from storage.cards import read_cards
from storage.model.errors import SeedError
from storage.model.source import Source
from tests.seeds.cards import read_card

GOOD = """\
id: es-ejemplo
title: El Ejemplo
homepage: https://www.ejemplo.example/
language: es
discoveries:
  - {kind: feed, url: "https://www.ejemplo.example/rss.xml"}
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def lay(content: str | bytes, name: str = "seeds/es/ejemplo.yaml") -> Path:
    path = Path.cwd() / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def lines_of(content: str | bytes) -> list[str]:
    with pytest.raises(SeedError) as refused:
        read_card(lay(content))
    return str(refused.value).splitlines()


def test_a_card_becomes_a_source_whose_host_is_its_homepages() -> None:
    source = read_card(lay(GOOD))
    assert (source.id, source.hosts, source.enabled, source.delay_seconds) == (
        "es-ejemplo", ("www.ejemplo.example",), True, 2.0,
    )  # fmt: skip


def test_every_mistake_of_a_card_is_named_at_once_with_file_and_field() -> None:
    wrong = "id: Es Ejemplo\nhomepage: ftp://x/\ndelay_seconds: -1\ncolour: red\ndiscoveries: [{kind: fed, url: x}]\n"
    lines = lines_of(wrong)
    assert all(line.startswith("seeds/es/ejemplo.yaml: ") for line in lines)
    assert {line.split(": ")[1] for line in lines} == {
        "id", "title", "homepage", "language", "delay_seconds", "colour", "discoveries, entry 1, kind",
        "discoveries, entry 1, url",
    }  # fmt: skip
    assert "seeds/es/ejemplo.yaml: language: field required" in lines
    assert "seeds/es/ejemplo.yaml: homepage: ftp://x/: must be an absolute http or https address" in lines


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ("id: [a\n", "seeds/es/ejemplo.yaml: line 2: expected ',' or ']', but got '<stream end>'"),
        ("- a\n- b\n", "seeds/es/ejemplo.yaml: file: must be a mapping of fields, like `id: es-example`"),
        ("", "seeds/es/ejemplo.yaml: file: must be a mapping of fields, like `id: es-example`"),
        ("1: a\n", "seeds/es/ejemplo.yaml: file: must be a mapping of fields, like `id: es-example`"),
        (GOOD + "title: Otro\n", "seeds/es/ejemplo.yaml: line 1: title: is given twice"),
        (GOOD.replace("- {kind", "- {kind: feed, kind"), "seeds/es/ejemplo.yaml: line 6: kind: is given twice"),
        ("id: !!python/object:os.system x\n", "seeds/es/ejemplo.yaml: line 1: could not determine a constructor"),
        ("--- {id: a}\n--- {id: b}\n", "seeds/es/ejemplo.yaml: line 2: but found another document"),
        (b"id: \xff\xfe\n", "seeds/es/ejemplo.yaml: file: unacceptable character #x00ff"),
        ("[" * 5000, "seeds/es/ejemplo.yaml: file: "),
        ("title: 2026-13-45\n", "seeds/es/ejemplo.yaml: file: month must be in 1..12"),
        (GOOD.replace("es-ejemplo", "adhoc"), "seeds/es/ejemplo.yaml: id: adhoc is reserved for single addresses"),
        (GOOD.split("discoveries")[0], "seeds/es/ejemplo.yaml: discoveries: name at least one feed"),
        (GOOD + "exclude: ['(']\n", "seeds/es/ejemplo.yaml: exclude, entry 1: not a regular expression that RE2"),
        (GOOD + "include: ['(?!x)y']\n", "seeds/es/ejemplo.yaml: include, entry 1: not a regular expression that RE2"),
        (GOOD + "text: {drop: ['p[']}\n", "seeds/es/ejemplo.yaml: text, drop, entry 1: not a CSS selector: "),
        (GOOD + "text: {drop: ['p:hover(2)']}\n", "seeds/es/ejemplo.yaml: text, drop, entry 1: not a CSS selector: "),
        (GOOD + "text: {keep: ['.a', '//p[']}\n", "seeds/es/ejemplo.yaml: text, keep, entry 2: not an XPath: "),
        (GOOD + "text: {keep: ['//p[$x]']}\n", "seeds/es/ejemplo.yaml: text, keep, entry 1: not an XPath: "),
        (GOOD + "text: {keep: ['(1 + 1)']}\n", "seeds/es/ejemplo.yaml: text, keep, entry 1: selects no elements"),
        (GOOD + "text: {keep: [' ']}\n", "seeds/es/ejemplo.yaml: text, keep, entry 1: must not be empty"),
        (GOOD + "text: {leave: [p]}\n", "seeds/es/ejemplo.yaml: text, leave: no such field"),
    ],
)  # fmt: skip
def test_what_is_no_card_is_refused_in_one_line(content: str | bytes, line: str) -> None:
    [said] = lines_of(content)
    assert said.startswith(line)


def test_norwegian_needs_no_quotes() -> None:
    assert read_card(lay(GOOD.replace("language: es", "language: no\ncountry: NO"))).language == "no"


def test_the_other_cards_are_read_beside_wrong_ones() -> None:
    lay(GOOD)
    lay("id: x\n", "seeds/it/wrong.yaml")
    lay("{", "seeds/it/torn.yaml")
    lay(GOOD.replace("es-ejemplo", "pt-exemplo"), "seeds/pt/exemplo.yml")
    lay("{", "seeds/pt/.exemplo.yaml.swp.yaml")
    (Path.cwd() / "seeds/pt/folder.yaml").mkdir()
    sources, errors = read_cards([Path.cwd() / "seeds"])
    assert [source.id for source in sources] == ["es-ejemplo", "pt-exemplo"]
    assert {line.split(": ")[0] for line in errors} == {
        "seeds/it/wrong.yaml", "seeds/it/torn.yaml", "seeds/pt/folder.yaml",
    }  # fmt: skip


def test_an_id_is_taken_once() -> None:
    lay(GOOD, "seeds/a.yaml")
    lay(GOOD.replace("El Ejemplo", "Otro"), "seeds/b.yaml")
    sources, errors = read_cards([Path.cwd() / "seeds"])
    assert [source.title for source in sources] == ["El Ejemplo"]
    assert errors == ["seeds/b.yaml: id: es-ejemplo is taken by seeds/a.yaml"]


def test_the_card_of_the_readme_is_a_card_of_ten_lines() -> None:
    text = (CHECKOUT / "seeds/README.md").read_text()
    card = text.split("```yaml\n")[1].split("```")[0]
    assert read_card(lay(card)).id == "es-ejemplo"
    assert len(card.splitlines()) == len(yaml.safe_load(card)) + 2 == 10


@pytest.mark.parametrize(
    ("url", "ascii_url"),
    [
        ("http://año.test/", "http://xn--ao-zja.test/"),
        ("https://Diario.AÑO.test:8443/ñ?a=%C3%B1", "https://diario.xn--ao-zja.test:8443/ñ?a=%C3%B1"),
        ("http://k%C3%B6ln.test/", "http://xn--kln-sna.test/"),
        ("http://Paper.test/%7Ea", "http://Paper.test/%7Ea"),
        ("http://año.test/{yyyy}/{mm}/", "http://xn--ao-zja.test/{yyyy}/{mm}/"),
    ],
)
def test_an_address_in_letters_of_its_language_has_the_ascii_name(url: str, ascii_url: str) -> None:
    fields = {"id": "es-ano", "title": "A", "homepage": url, "language": "es"}
    card = Source.model_validate(fields | {"discoveries": [{"kind": "archive", "url": url}]})
    assert (card.homepage, card.discoveries[0].url) == (ascii_url, ascii_url)


def test_a_host_in_letters_of_its_language_is_the_ascii_name() -> None:
    fields = {"id": "es-ano", "title": "A", "homepage": "http://año.test/", "language": "es"}
    assert Source.model_validate(fields).hosts == ("xn--ao-zja.test",)
    assert Source.model_validate(fields | {"hosts": ["diario.año.test", "b.test"]}).hosts == (
        "diario.xn--ao-zja.test",
        "b.test",
    )
    with pytest.raises(ValidationError, match="hosts"):
        Source.model_validate(fields | {"hosts": ["año test"]})


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("title: 1984", "title: must be text: put 1984 in quotes"),
        ("delay_secnds: 3", "delay_secnds: no such field; did you mean delay_seconds?"),
        ("language: Spanish", "language: must be a language code, such as es or pt-BR, not 'Spanish'"),
        ("country: Spain", "country: must be a code of two capital letters, such as ES, not 'Spain'"),
        ("id: Es Ejemplo", "id: must be lower-case letters a-z, digits and single hyphens, such as es-elpais, not"),
        ("spider: a b", "spider: must be a module name, such as newspaper or mypress.spiders.daily, not 'a b'"),
        ("tls: ignore", "tls: must be verify or record, not 'ignore'"),
        ("enabled: maybe", "enabled: must be true or false, not 'maybe'"),
        ("hosts: www.ejemplo.example", "hosts: must be a list, not 'www.ejemplo.example'"),
        ("hosts: ['a b']", "hosts, entry 1: must be a host in lower case, such as www.example.org, not 'a b'"),
        ("visits: 25", "visits: must be 24 or less, not 25"),
        ("recent_days: three", "recent_days: must be a whole number, not 'three'"),
        ("text: none", "text: must be names with their values, not 'none'"),
        ("looks: [1, 0]", "looks, entry 2: must be 1 or more, not 0"),
    ],
)
def test_a_mistake_is_told_as_a_person_would_say_it(field: str, said: str) -> None:
    name = field.partition(":")[0]
    kept = [line for line in GOOD.splitlines() if not line.startswith(f"{name}:")]
    assert lines_of("\n".join([*kept, field, ""]))[0].startswith(f"seeds/es/ejemplo.yaml: {said}")
