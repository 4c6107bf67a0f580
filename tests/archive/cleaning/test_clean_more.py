"""What could not be read when a crawl was cleaned is added when it reads again, and everybody has it then."""

from __future__ import annotations

import re
from typing import NamedTuple

import pytest

from hemeroteca.archive.archive import Archive
from hemeroteca.archive.cleaning.clean import clean_crawl
from hemeroteca.archive.publishing.publish import publish_crawl
from hemeroteca.archive.publishing.rebuild import rebuild
from hemeroteca.archive.publishing.report import NightJudge
from hemeroteca.archive.publishing.tables import update_night_tables
from hemeroteca.archive.reading.lookup import read_document
from hemeroteca.extraction.extractor import EXTRACTOR
from hemeroteca.extraction.workers.pool import WorkerPool
from storage import keys
from storage.holdings import Holdings
from storage.model.capture import Capture
from storage.model.document import TextManifest
from storage.model.errors import FixityError, NotArchivedError
from storage.objects import S3Settings
from storage.table_reads import read_table
from tests.archive.cleaned import CleanedNight, by_place
from tests.archive.copies import CopyOf, Overtaken
from tests.conftest import flip_bit, replace_object

MORE = re.compile(r"-more-[0-9a-f]{8}\.json$")


class Hurt(NamedTuple):
    """An archive that has cleaned and published a night when a record of it was damaged."""

    archive: Archive
    night: CleanedNight
    capture: Capture

    @property
    def settings(self) -> S3Settings:
        return self.archive.store._settings

    @property
    def text(self) -> str:
        return keys.text_manifest(keys.crawl_manifest(self.night.crawl), EXTRACTOR)

    def flip(self) -> None:
        where = self.capture.location
        flip_bit(self.settings, where.key, where.offset + where.length // 2)

    def clean(self, workers: WorkerPool | Overtaken) -> list[TextManifest]:
        cleaned = clean_crawl(self.archive, self.night.crawl, workers)  # type: ignore[arg-type] # map is all it calls
        publish_crawl(self.archive, self.night.crawl)
        update_night_tables(self.archive, self.night.crawl.night)
        return cleaned

    def texts(self) -> list[str]:
        return sorted(self.archive.store.list_keys("manifests/text/"))

    def counts(self) -> tuple[int | None, int]:
        """How many documents the catalog and the night's table have."""
        (row,) = self.archive.catalog.find_crawls(self.night.crawl.night)
        return row.documents, len(read_table(self.archive.store, "documents", self.night.crawl.night))

    def faults(self) -> list[str]:
        return NightJudge(self.archive, self.night.crawl.night).find_lacking(self.night.crawl.id)


@pytest.fixture
def hurt(nights: list[CleanedNight], copy: CopyOf, workers: WorkerPool) -> Hurt:
    night = nights[1]
    made = Hurt(copy(night), night, by_place(night)[7])
    made.flip()
    (cleaning,) = made.clean(workers)
    assert cleaning.documents == len(night.documents) - 1
    return made


def test_a_page_that_reads_again_is_added_and_everybody_has_it(hurt: Hurt, workers: WorkerPool) -> None:
    archive, whole = hurt.archive, len(hurt.night.documents)
    assert hurt.counts() == (whole - 1, whole - 1)
    assert [fault for fault in hurt.faults() if "1 of its pages are not cleaned" in fault]
    with pytest.raises(NotArchivedError, match="fixity"):
        read_document(archive, hurt.capture)
    assert len(hurt.clean(workers)) == 1, "it is damaged yet"
    assert hurt.texts() == [hurt.text]
    hurt.flip()
    first, more = hurt.clean(workers)
    assert (more.documents, more.not_cleaned, more.adds_to) == (1, (), hurt.text)
    assert (more.read_again, more.learned) == ((hurt.capture.record_id,), None)
    assert read_document(archive, hurt.capture).text == hurt.night.documents[hurt.capture.target_uri].text
    assert hurt.counts() == (whole, whole)
    assert hurt.faults() == []
    before = hurt.texts()
    assert [bool(MORE.search(key)) for key in before] == [True, False]
    assert hurt.clean(workers) == [first, more]
    assert hurt.texts() == before
    rebuild(archive)
    assert hurt.counts() == (whole, whole)
    assert read_document(archive, hurt.capture).derived_from == hurt.capture.record_id


def test_two_tries_at_adding_the_same_give_one_manifest(hurt: Hurt, workers: WorkerPool) -> None:
    hurt.flip()
    ours = Overtaken(workers, lambda: clean_crawl(hurt.archive, hurt.night.crawl, workers))
    assert hurt.clean(ours) == ours.first
    assert len(hurt.texts()) == 2
    assert hurt.counts() == (len(hurt.night.documents), len(hurt.night.documents))


def test_a_cleaning_whose_manifest_is_damaged_is_made_again_beside_it(hurt: Hurt, workers: WorkerPool) -> None:
    whole = len(hurt.night.documents)
    hurt.flip()
    hurt.clean(workers)
    for key in hurt.texts():
        replace_object(hurt.settings, key, hurt.archive.store.read(key)[:-99])
    damaged = tuple(sorted(hurt.texts(), key=lambda key: MORE.search(key) is not None))
    assert hurt.faults()
    for count in (3, 4):
        (again,) = hurt.clean(workers)
        assert (again.documents, again.adds_to, again.replaces) == (whole, None, damaged)
        (new,) = set(hurt.texts()) - set(damaged)
        assert len(hurt.texts()) == count and MORE.search(new)
        assert hurt.faults() == []
        assert hurt.counts() == (whole, whole)
        replace_object(hurt.settings, new, b"{}")
        damaged = (hurt.text, *sorted({*damaged, new} - {hurt.text}))


def test_a_page_that_reads_again_is_added_to_a_cleaning_that_was_made_again(hurt: Hurt, workers: WorkerPool) -> None:
    replace_object(hurt.settings, hurt.text, b"{}")
    hurt.clean(workers)
    hurt.flip()
    again, more = hurt.clean(workers)
    assert (again.replaces, more.adds_to in hurt.texts(), more.documents) == ((hurt.text,), True, 1)
    assert hurt.counts() == (len(hurt.night.documents), len(hurt.night.documents))
    assert hurt.faults() == []


def test_without_its_ledger_a_crawl_is_cleaned_later_and_not_otherwise(
    nights: list[CleanedNight], copy: CopyOf, workers: WorkerPool
) -> None:
    night = nights[1]
    archive = copy(night)
    settings = archive.store._settings
    (ledger,) = archive.store.list_keys("ledger/")
    flip_bit(settings, ledger, 100)
    with pytest.raises(FixityError, match=re.escape(ledger)):
        clean_crawl(archive, night.crawl, workers)
    assert list(archive.store.list_keys("manifests/text/")) == []
    flip_bit(settings, ledger, 100)
    (cleaning,) = clean_crawl(archive, night.crawl, workers)
    found = {one.url: one for stored in cleaning.objects for one in Holdings(archive.store).read_documents(stored)}
    dates = {url: (one.published, one.published_known) for url, one in found.items()}
    assert dates == {url: (one.published, one.published_known) for url, one in night.documents.items()}
