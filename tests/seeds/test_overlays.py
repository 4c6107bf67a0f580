"""Which cards count for an archive, and how they are switched on and off."""

from __future__ import annotations

from pathlib import Path

import pytest

from hemeroteca.archive.sources.seeds import enable_source, read_sources
from hemeroteca.configuration import CHECKOUT, Settings, read_settings
from storage.model.errors import SeedError
from tests.seeds.cards import read_card
from tests.seeds.test_cards import GOOD


def write(path: Path, content: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content)
    return path


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    write(tmp_path / "cards/es/ejemplo.yaml", GOOD + "enabled: false\n")
    return read_settings(home=tmp_path / "home", seeds=tmp_path / "cards")


def test_a_real_home_has_the_checkouts_cards_all_switched_off_and_not_the_demos(tmp_path: Path) -> None:
    found, errors = read_sources(read_settings(home=tmp_path))
    assert errors == []
    assert len(found) >= 12
    assert len({source.country for source in found}) >= 8
    assert not any(source.enabled for source in found)
    assert not any(host.endswith(".test") for source in found for host in source.hosts)


def test_the_file_of_a_real_card_is_named_for_its_country_and_id() -> None:
    for path in (CHECKOUT / "seeds").glob("??/*.yaml"):
        source = read_card(path)
        assert f"{path.parent.name}-{path.stem}" == source.id
        assert source.country == path.parent.name.upper()


def test_enabling_writes_an_overlay_and_leaves_the_template_alone(settings: Settings) -> None:
    template = settings.seeds / "es/ejemplo.yaml" if settings.seeds else Path()
    before = template.read_bytes()
    path = enable_source(settings, "es-ejemplo")
    assert path == settings.home.seeds / "es-ejemplo.yaml"
    assert path.read_text() == "id: es-ejemplo\nenabled: true\n"
    assert [source.enabled for source in read_sources(settings)[0]] == [True]
    enable_source(settings, "es-ejemplo", False)
    assert [source.enabled for source in read_sources(settings)[0]] == [False]
    assert template.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == ["es-ejemplo.yaml"]


def test_an_overlay_changes_the_fields_it_names(settings: Settings) -> None:
    write(settings.home.seeds / "mine.yaml", "id: es-ejemplo\ndelay_seconds: 9\nenabled: true\n")
    [source] = read_sources(settings)[0]
    assert (source.title, source.delay_seconds, source.enabled) == ("El Ejemplo", 9, True)


def test_a_home_has_cards_of_its_own_in_folders_of_its_own(settings: Settings) -> None:
    write(settings.home.seeds / "pt/exemplo.yaml", GOOD.replace("es-ejemplo", "pt-exemplo"))
    assert [source.id for source in read_sources(settings)[0]] == ["es-ejemplo", "pt-exemplo"]


def test_switching_a_card_of_ones_own_keeps_its_comments(settings: Settings) -> None:
    card = write(settings.home.seeds / "pt/exemplo.yaml", GOOD.replace("es-ejemplo", "pt-exemplo") + "# mine\n")
    assert enable_source(settings, "pt-exemplo", False) == card
    assert card.read_text().endswith("# mine\nenabled: false\n")
    enable_source(settings, "pt-exemplo")
    assert card.read_text().endswith("# mine\nenabled: true\n")


def test_a_card_laid_out_in_its_own_way_is_left_for_its_owner(settings: Settings) -> None:
    card = write(settings.home.seeds / "x.yaml", "{id: es-ejemplo, delay_seconds: 9}\n")
    with pytest.raises(SeedError, match=r"enabled: set it by hand"):
        enable_source(settings, "es-ejemplo")
    assert card.read_text() == "{id: es-ejemplo, delay_seconds: 9}\n"
    assert [file.name for file in card.parent.iterdir()] == ["x.yaml"]


def test_a_mistake_is_named_in_the_file_to_edit(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(settings.home.path.parent)
    template = write(Path("cards/es/ejemplo.yaml").absolute(), GOOD.replace("language: es", "language: Spanish!"))
    write(settings.home.seeds / "mine.yaml", "id: es-ejemplo\ndelay_seconds: slow\n")
    found, errors = read_sources(settings)
    assert found == []
    assert sorted(line.split(": ")[:2] for line in errors) == [
        ["cards/es/ejemplo.yaml", "language"], ["home/seeds/mine.yaml", "delay_seconds"],
    ]  # fmt: skip
    assert template.exists()


def test_an_overlay_of_nothing_is_refused_and_the_others_stand(settings: Settings) -> None:
    path = write(settings.home.seeds / "lost.yaml", "id: xx-lost\nenabled: true\n")
    found, errors = read_sources(settings)
    assert [source.id for source in found] == ["es-ejemplo"]
    assert errors == [f"{path}: id: there is no card xx-lost to change"]


def test_cards_without_an_id_do_not_hide_each_other(settings: Settings) -> None:
    for name in ("a", "b"):
        write(settings.home.seeds / f"{name}.yaml", GOOD.split("\n", 1)[1])
    write(settings.home.seeds / "c.yaml", "id: [1]\n")
    found, errors = read_sources(settings)
    assert [source.id for source in found] == ["es-ejemplo"]
    assert [line.rsplit("/", 1)[1].split(": ")[0] for line in sorted(errors)] == ["a.yaml", "b.yaml", "c.yaml"]


def test_an_unknown_source_cannot_be_switched(settings: Settings) -> None:
    with pytest.raises(SeedError, match="xx-none: no such source"):
        enable_source(settings, "xx-none")


def test_a_wrong_card_cannot_be_switched_on(settings: Settings) -> None:
    write(settings.home.seeds / "mine.yaml", "id: es-ejemplo\ndelay_seconds: slow\n")
    with pytest.raises(SeedError, match="delay_seconds"):
        enable_source(settings, "es-ejemplo")


def test_an_overlay_named_for_another_source_is_not_written_over(settings: Settings) -> None:
    other = write(settings.home.seeds / "es-ejemplo.yaml", GOOD.replace("es-ejemplo", "pt-exemplo"))
    with pytest.raises(SeedError, match="rename the file"):
        enable_source(settings, "es-ejemplo")
    assert "pt-exemplo" in other.read_text()


def test_a_folder_of_cards_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SeedError, match="HEMEROTECA_SEEDS"):
        read_sources(read_settings(home=tmp_path, seeds=tmp_path / "none"))
