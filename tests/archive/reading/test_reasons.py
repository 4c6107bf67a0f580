"""What the reasons of the ledger mean, for people."""

from __future__ import annotations

import pytest

from hemeroteca.archive.reading.reasons import AGAIN, tell_reason
from storage.model.outcome import FAILED, REFUSED, ROBOTS_UNREAD, SKIPPED, is_passing


@pytest.mark.parametrize("reason", sorted(FAILED | REFUSED | SKIPPED))
def test_every_reason_is_told_in_words_and_with_what_to_do(reason: str) -> None:
    told = tell_reason(reason)
    assert told.meaning != reason and told.advice.endswith(".")
    assert len(told.meaning) <= 60


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 410, 425, 429, 451, 500, 503, 520, 599])
def test_a_status_is_named_and_what_passes_is_asked_for_again(status: int) -> None:
    told = tell_reason(f"http_{status}")
    assert str(status) in told.meaning
    assert told.advice.startswith(AGAIN) == is_passing(f"http_{status}")


@pytest.mark.parametrize("reason", sorted(one for one in FAILED if is_passing(one)))
def test_what_may_pass_is_said_to_be_asked_for_again(reason: str) -> None:
    assert tell_reason(reason).advice.startswith(AGAIN)


def test_rules_that_could_not_be_read_are_no_lasting_refusal() -> None:
    assert tell_reason("robots", ROBOTS_UNREAD).advice == AGAIN != tell_reason("robots", None).advice
