"""The demo's newspapers, which fall silent where a test wants to catch a crawl in the middle."""

from __future__ import annotations

import threading
from datetime import date
from typing import Any

from hemeroteca.demo import Newspapers


class HeldNewspapers(Newspapers):
    """``hold_after(n)``: they answer *n* requests more, and then none until ``release`` or ``drop``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._change = threading.Condition()
        self._answers_left: int | None = None
        self._drops = 0
        super().__init__(*arguments, **options)

    def hold_after(self, answers: int) -> None:
        with self._change:
            self._answers_left = answers

    def release(self) -> None:
        """Answer who is waiting, and everybody from now on."""
        with self._change:
            self._answers_left = None
            self._change.notify_all()

    def drop(self) -> None:
        """Hang up on who is waiting, without a word or a line in the ledger; answer everybody from now on."""
        with self._change:
            self._drops += 1
        self.release()

    def stop(self) -> None:
        self.drop()
        super().stop()

    def night(self) -> date:
        """Whose edition is read: every request asks."""
        with self._change:
            drops = self._drops
            self._change.wait_for(lambda: self._answers_left != 0)
            if drops != self._drops:
                raise ConnectionAbortedError("held back, and dropped")
            if self._answers_left is not None:
                self._answers_left -= 1
        return super().night()
