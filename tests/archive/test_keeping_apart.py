"""What goes wrong with one source is raised once the others are done."""

from __future__ import annotations

import pytest

from hemeroteca.archive.keeping_apart import Troubles
from storage.model.errors import FixityError, StorageError


@pytest.mark.parametrize(
    ("errors", "raised"),
    [((), None), ((FixityError("a"),), "a"), ((FixityError("a"), StorageError("b"), StorageError("c")), "b")],
)
def test_an_error_of_the_store_is_raised_before_others_once_all_is_done(
    errors: tuple[Exception, ...], raised: str | None
) -> None:
    troubles = Troubles()
    for error in errors:
        with troubles.keep_apart("failed", crawl_id="x"):
            raise error
    if raised is None:
        troubles.raise_first()
        return
    with pytest.raises((FixityError, StorageError), match=f"^{raised}$"):
        troubles.raise_first()
