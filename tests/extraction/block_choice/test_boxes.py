"""Boxes that announce other articles are dropped, each with its own lines and however many there are."""

from __future__ import annotations

import time

from hemeroteca.extraction.block_choice.boxes import drop_link_boxes
from tests.extraction.block_choice.test_corrections import LINES, PAGE, select

LINK = "<li><a href=/x>Storm over the bay</a></li>"


def find_dropped(html: str) -> list[str]:
    selection, _ = select([*LINES, "Read also", "Storm over the bay"], LINES, html)
    return [selection.blocks[index].text for index, _, _ in drop_link_boxes(selection)]


def test_an_announcement_goes_with_the_links_after_it_or_with_its_box() -> None:
    after = f"{PAGE}<h3>Read also</h3><ul>{LINK * 2}</ul><p>{LINES[0]}</p>"
    assert find_dropped(after) == ["Read also", "Storm over the bay", "Storm over the bay"]
    within = f"{PAGE}<div><h3>Read also</h3><ul>{LINK}</ul><p>{LINES[1]}</p></div><p>{LINES[0]}</p>"
    assert find_dropped(within) == ["Read also", "Storm over the bay", LINES[1]]
    assert find_dropped(f"{PAGE}<h3>Read also</h3><p>{LINES[0]}</p>") == []


def test_each_line_is_dropped_once_though_a_thousand_announcements_follow_each_other() -> None:
    linked = "<p><a href=/x>Read also</a></p>"
    begun = time.process_time()
    assert find_dropped(PAGE + linked * 4_000) == ["Read also"] * 4_000
    assert time.process_time() - begun < 10  # a look at all others for each takes minutes
