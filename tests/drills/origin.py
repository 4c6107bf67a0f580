"""The newspapers of a drill: the demo's, whose pages are a pure function of their address and the night."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from lxml import html

from hemeroteca.demo import PAPERS, ServedResponse, agency
from hemeroteca.demo.papers import Paper
from hemeroteca.demo.site import respond
from hemeroteca.demo.stories import build_features, find_story
from tests.archive.held_newspapers import HeldNewspapers
from tests.archive.homes import Origin
from tests.drills.judge import Sent

_BY_HOST = {paper.host: paper for paper in PAPERS}
_FEATURES = {story.url: story for paper in PAPERS for story in build_features(paper).values()}


class DatedOrigin(Origin):
    """Newspapers that log every response with a nonce before they send it, and remember in which night."""

    def __init__(self, ledger: Path, night: date, nights: list[tuple[int, date]] | None = None) -> None:
        super().__init__(HeldNewspapers(ledger=ledger, night=night).start(), ledger)
        self.nights = nights or [(0, night)]
        """From which row of the log on which night's edition was served."""

    def set_night(self, night: date) -> None:
        self.newspapers.set_night(night)
        self.nights.append((len(self.rows()), night))

    def sent(self) -> dict[str, Sent]:
        """Return every response by its nonce, with the body and the text that the newspaper's page had."""
        found = {}
        for number, row in enumerate(self.rows()):
            night = next(night for first, night in reversed(self.nights) if first <= number)
            found[row.nonce] = _build_sent(row, night)
        return found

    def stop(self) -> None:
        self.newspapers.stop()


def _build_sent(row: ServedResponse, night: date) -> Sent:
    paper = _BY_HOST[row.host]
    body = b"" if row.status == 304 else respond(paper, row.path, night).body
    return Sent(f"http://{row.host}{row.path}", row.status, body, _find_text(paper, row.path, night))


def _find_text(paper: Paper, path: str, night: date) -> str | None:
    """Return what the article at *path* says on *night*; None where there is none."""
    if path == agency.find_path(paper):
        return _read_agency_text(agency.render_agency_page(paper, night))
    story = find_story(paper, path, night) or _FEATURES.get(paper.url(path))
    is_told = story is not None and not story.is_gone_on(night)
    if story is None or not is_told:
        return None
    return "" if story.treatment == "film" else "\n".join([story.standfirst, *story.body_on(night)])


def _read_agency_text(page: str) -> str:
    """Return the standfirst and the paragraphs of the agency's page, which is written as it is printed."""
    elements = html.fromstring(page).iter("h2", "p")
    content = [one for one in elements if (parent := one.getparent()) is not None and parent.get("id") == "content"]
    lines = ["".join(map(str, one.itertext())) for one in content]
    return "\n".join(line for line in lines if not line.startswith("Also Read"))
