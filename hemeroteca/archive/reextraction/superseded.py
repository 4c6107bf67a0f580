"""Going back to an extraction that was current before: its documents exist, and only need a manifest to name them."""

from __future__ import annotations

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import commit_cleaning
from hemeroteca.archive.reextraction.targets import Target
from storage import keys
from storage.kept import CurrentCleaning
from storage.model.document import FIXITY, TextManifest


def draft_superseded(archive: Archive, target: Target, superseded: CurrentCleaning) -> bool:
    """Draft a cleaning with the documents of *superseded*, and say whether there was none yet.

    Its key names what is current: each time that something else has become current there is another draft.
    """
    current = target.current
    assert current is not None
    key = keys.text_more(target.draft, [current.first.key])
    if archive.store.stat(key):
        return False
    commit_cleaning(archive, key, _join_parts(superseded).replace(ended=archive.settings.now()))
    return True


def _join_parts(cleaning: CurrentCleaning) -> TextManifest:
    """Return one manifest for all that *cleaning* and what was added to it hold."""
    parts = [part.manifest for part in cleaning.parts]
    left = {one.record_id: one for part in parts for one in part.not_cleaned}
    lost = cleaning.lost
    counted = [(part.confidence, part.documents - part.without_text) for part in parts if part.confidence is not None]
    texts = sum(count for _, count in counted)
    return parts[0].replace(
        objects=tuple(stored for part in parts for stored in part.objects),
        documents=sum(part.documents for part in parts),
        without_text=sum(part.without_text for part in parts),
        flagged=sum(part.flagged for part in parts),
        confidence=round(sum(mean * count for mean, count in counted) / texts, 4) if texts else None,
        not_cleaned=tuple(one for one in left.values() if one.reason != FIXITY or one.record_id in lost),
        supersedes=None,
        replaces=(),
    )
