"""What became of addresses named for a crawl, as it is printed: a line for each, and for what was not captured why."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from hemeroteca.cli.layout import say_wrapped
from hemeroteca.cli.terminal import say, say_json
from storage.model.unfit_characters import escape_unfit

if TYPE_CHECKING:
    from hemeroteca.archive.reading.asked_urls import UrlAnswer


def print_answers(answers: Iterable[UrlAnswer], as_json: bool) -> None:
    """Print each answer: as a JSON object, or as ``captured  URL``, ``failed (dns)  URL`` with meaning and advice."""
    for answer in answers:
        if as_json:
            say_json(answer.model_dump_json())
        else:
            _print_answer(answer)


def _print_answer(answer: UrlAnswer) -> None:
    said = f"{answer.state.replace('_', ' ')} ({answer.reason})" if answer.reason else answer.state.replace("_", " ")
    elsewhere = f" as {answer.final_url}" if answer.final_url else ""
    say(f"{said}  {answer.url}{elsewhere}")
    if answer.meaning:
        detail = f" [{answer.detail}]" if answer.detail else ""
        say_wrapped(escape_unfit(f"  {answer.meaning}{detail}"), "  ")
        say_wrapped(f"  {answer.advice}", "  ")
