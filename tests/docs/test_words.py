"""docs/words.md: every word that the code has is explained, and none that it has not."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from docs.code_map import ROOT
from docs.word_lists import model_modules
from hemeroteca.archive.crawling import run_progress
from hemeroteca.archive.reextraction.differences import Differences
from hemeroteca.cli import coverage, missed_nights
from spiders.policy.scope import CARD, KNOWN, REQUEST
from storage.captures.exchange import Truncation
from storage.model.capture import Capture
from storage.model.crawl import Trigger
from storage.model.document import FIXITY, QualityFlag
from storage.model.outcome import FAILED, PENDING, REFUSED, SKIPPED, Distrust, Flag, Kind, PendingEnd, State
from storage.model.source import DiscoveryKind, Source, TlsPolicy
from tests.test_tree import FLOORS, code_files

PAGE = (ROOT / "docs/words.md").read_text(encoding="utf-8")


def literals_in(annotation: Any) -> set[str]:
    """Return the values of every Literal in *annotation*."""
    if get_origin(annotation) is Literal:
        return set(get_args(annotation))
    return set().union(*map(literals_in, get_args(annotation)))


def field_words(model: type[BaseModel], name: str) -> set[str]:
    return literals_in(model.model_fields[name].annotation)


def calls(name: str | None = None, folder: str = "") -> Iterator[ast.Call]:
    """Yield the calls in the code, below *folder*, of what is called *name*; without a name all."""
    for file in code_files(FLOORS):
        for node in ast.walk(ast.parse((ROOT / file).read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name in (None, getattr(node.func, "id", None)):
                yield from [node] if str(file).startswith(folder) else ()


def words_in(node: ast.AST | None) -> set[str]:
    """Return the strings that *node* is, or chooses from."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return {node.value}
    return words_in(node.body) | words_in(node.orelse) if isinstance(node, ast.IfExp) else set()


def keyword_words(found_calls: Iterator[ast.Call], keyword: str) -> set[str]:
    found = (one.value for node in found_calls for one in node.keywords if one.arg == keyword)
    return set().union(*map(words_in, found))


def first_words(call: str) -> set[str]:
    return set().union(*(words_in(node.args[0]) for node in calls(call) if node.args))


def dict_names(*functions: Callable[..., object]) -> set[str]:
    """Return the names in the dictionaries that *functions* write down."""
    trees = [ast.parse(inspect.getsource(function)) for function in functions]
    found = (key for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Dict) for key in node.keys)
    return set().union(*map(words_in, found))


def events_of(module: ModuleType) -> set[str]:
    """Return the events that the lines of a crawl process tell of."""
    models = [one for one in vars(module).values() if isinstance(one, type) and issubclass(one, BaseModel)]
    return set().union(*(field_words(one, "event") for one in models if "event" in one.model_fields))


STATES = set(get_args(State))
SECTIONS: dict[str, Callable[[], set[str]]] = {
    "State": lambda: STATES,
    "Reasons of failed": lambda: {*FAILED, "http_NNN"},
    "Reasons of refused": lambda: set(REFUSED),
    "Reasons of skipped": lambda: set(SKIPPED),
    "Kind": lambda: {*get_args(Kind), *field_words(Capture, "kind")},
    "Via": lambda: {REQUEST, CARD, KNOWN, PENDING},
    "Trigger": lambda: set(get_args(Trigger)),
    "Flag": lambda: set(get_args(Flag)),
    "Quality flag": lambda: set(get_args(QualityFlag)),
    "Distrust": lambda: set(get_args(Distrust)),
    "Pending": lambda: set(get_args(PendingEnd)),
    "Record type": lambda: field_words(Capture, "record_type"),
    "Why a body was cut": lambda: set(get_args(Truncation)),
    "How a crawl ended": lambda: (
        keyword_words(calls("EndNote"), "reason") | keyword_words(calls("_make_manifest"), "end_reason")
    ),
    "Why a capture has no document": lambda: {
        "reserved", FIXITY, *first_words("NoMainTextError"), *first_words("WorkerLostError"),
        *keyword_words(calls(folder="hemeroteca/extraction/workers/"), "reason"),
    } - {"ready"},
    "Discovery kind": lambda: set(get_args(DiscoveryKind)),
    "TLS policy": lambda: set(get_args(TlsPolicy)),
    "Signals of publishers": lambda: field_words(Source, "signals"),
    "Columns of coverage": lambda: set(coverage.COLUMNS),
    "Names of coverage as JSON": lambda: (
        dict_names(coverage.coverage_facts, missed_nights.find_gap) | STATES - set(coverage.COLUMNS)
    ) - set(coverage.COLUMNS),
    "Progress of a source": lambda: events_of(run_progress),
    "Changes of a document": lambda: {
        name for name, field in Differences.model_fields.items() if field.annotation is int
    } - {"crawls"},
    "Parts that doctor checks": lambda: first_words("Finding"),
}  # fmt: skip
"""By heading, the words that the code has."""


def explained(heading: str) -> list[str]:
    """Return the words that are explained below *heading*."""
    section = PAGE.partition(f"\n### {heading}\n")[2]
    return re.findall(r"^- \*\*([^*]+)\*\*: \S", re.split(r"^#+ |^<!-- ", section, flags=re.MULTILINE)[0], re.MULTILINE)


@pytest.mark.parametrize("heading", SECTIONS)
def test_every_word_is_explained_once_and_none_that_is_gone(heading: str) -> None:
    words, on_page = SECTIONS[heading](), explained(heading)
    assert words - set(on_page) == set(), f"docs/words.md, {heading}: explain these"
    assert set(on_page) - words == set(), f"docs/words.md, {heading}: these are gone from the code"
    assert len(on_page) == len(words)


def test_every_list_of_the_page_is_held_to_the_code() -> None:
    assert re.findall(r"^### (.+)$", PAGE, re.MULTILINE) == list(SECTIONS)


def test_every_closed_vocabulary_of_the_model_is_on_the_page() -> None:
    words = {word for heading in SECTIONS for word in explained(heading)}
    found = set()
    for module in model_modules():
        for one in vars(module).values():
            found |= literals_in(one)
            for field in one.model_fields.values() if isinstance(one, type) and issubclass(one, BaseModel) else ():
                found |= literals_in(field.annotation)
    assert len(found) > 40
    assert {word for word in found - words if "/" not in word} == set()  # a schema's name has a slash


def test_a_word_of_the_trade_is_explained_in_one_line() -> None:
    trade = PAGE.partition("## The trade")[2].partition("## Types")[0]
    lines = [line for line in trade.splitlines() if line]
    assert len(lines) > 30
    assert [line for line in lines if not re.fullmatch(r"- \*\*[^*]+\*\*: .+\.", line) or len(line) > 140] == []
