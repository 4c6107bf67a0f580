"""The text overrides of a card, on a page with its expected text."""

from __future__ import annotations

from pathlib import Path

import pytest

from hemeroteca.extraction.article import explain_page, extract_page
from hemeroteca.extraction.extractor import EXTRACTOR, identify_extractor
from hemeroteca.extraction.page.served_page import Page
from hemeroteca.extraction.workers.messages import Request, make_request, read_request
from hemeroteca.extraction.workers.pool import WorkerPool
from storage.model.source import TextOverrides
from storage.worker_process import write_frame
from tests.extraction.pages import BODY, article, page

SAVED = Path(__file__).parents[2] / "data/overrides"
OVERRIDES = TextOverrides(keep=(".times li",), drop=("p.x-417", "//span[@class='teaser']"))


def saved(overrides: TextOverrides = OVERRIDES) -> Page:
    return page((SAVED / "page.html").read_bytes())._replace(overrides=overrides)


def golden() -> str:
    return (SAVED / "expected.txt").read_text().removesuffix("\n")


def test_the_saved_page_gives_the_text_beside_it_with_its_cards_overrides_alone() -> None:
    assert extract_page(saved()).text == golden()
    without = extract_page(saved(TextOverrides()))
    assert "The Courier pays for its own tickets" in without.text
    assert "Cawden Bridge 07:10" not in without.text
    assert [one.known["text"].endswith(", card") for one in (extract_page(saved()), without)] == [True, False]


def test_each_block_that_the_card_decided_says_so() -> None:
    said = {one.text.split()[0]: (one.kept, one.reasons) for one in explain_page(saved()).blocks}
    assert said["Little"] == (True, ("rule: card keeps: .times li",))
    assert said["Twelve"] == (False, ("rule: card drops: //span[@class='teaser']",))
    assert not said["Skipper"][1][0].startswith("rule: card")


@pytest.mark.parametrize(
    ("overrides", "kept"),
    [
        (TextOverrides(drop=("article",)), ()),
        (TextOverrides(drop=("article p",), keep=("p",)), ("All rights",)),
        (TextOverrides(drop=("article > p:nth-of-type(2)",)), (BODY[0], BODY[2])),
        (TextOverrides(drop=("(//p)[1]", "./body//p[3]")), (BODY[1],)),
        (TextOverrides(drop=("p b", "//p/text()", ".nowhere")), BODY),
        (TextOverrides(keep=("footer",)), (*BODY, "All rights")),
    ],
)  # fmt: skip
def test_lines_within_what_is_selected_are_kept_or_dropped_whole_and_drop_wins(
    overrides: TextOverrides, kept: tuple[str, ...]
) -> None:
    html = article().replace("yellow crane", "<b>yellow</b> crane")
    verdicts = explain_page(page(html)._replace(overrides=overrides)).blocks
    assert tuple(one.text for one in verdicts if one.kept) == kept


def test_a_worker_is_told_the_overrides_of_each_page(tmp_path: Path) -> None:
    with (tmp_path / "frames").open("w+b") as file:
        write_frame(file, make_request(Request(saved())))
        file.seek(0)
        assert read_request(file) == Request(saved())
    with WorkerPool(1) as workers:
        found = dict(workers.map([("with", saved()), ("without", saved(TextOverrides()))]))
    assert getattr(found["with"], "text", "") == golden() != getattr(found["without"], "text", "")


def test_the_extractors_name_changes_with_the_overrides() -> None:
    others = TextOverrides(keep=OVERRIDES.drop, drop=OVERRIDES.keep)
    names = {identify_extractor(one).id for one in (TextOverrides(), OVERRIDES, others)}
    assert len(names) == 3 and EXTRACTOR.id in names
    assert identify_extractor(OVERRIDES) == identify_extractor(TextOverrides(keep=OVERRIDES.keep, drop=OVERRIDES.drop))
