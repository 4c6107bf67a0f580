"""What the archive holds of a source, in the file of this home that its next crawl reads."""

from __future__ import annotations

from pathlib import Path

from hemeroteca.archive.archive import Archive
from storage.known_files import update_known
from storage.model.errors import disk_error


def refresh_known(archive: Archive, source_id: str) -> Path:
    """Return the file of *source_id*, brought to what the catalog knows now. Raises StorageError."""
    folder = archive.settings.home.known
    try:
        archive.settings.home.make_folder(folder)
    except OSError as error:
        raise disk_error(f"{folder}: not made", error) from error
    path = folder / f"{source_id}.sqlite"
    update_known(path, archive.catalog, source_id)
    return path
