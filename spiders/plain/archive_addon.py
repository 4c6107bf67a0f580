"""The Scrapy add-on that installs the archive's components, whatever a spider's own settings say.

Further ones are settings of the project (spiders/settings.py): the dupefilter and the download handler.
"""

from __future__ import annotations

from scrapy.settings import BaseSettings
from scrapy.utils.misc import load_object

from spiders.plain.components import COMPONENTS


class ArchiveAddon:
    """``ADDONS = {"spiders.plain.archive_addon.ArchiveAddon": 0}``."""

    def update_settings(self, settings: BaseSettings) -> None:
        for name, components in COMPONENTS.items():
            for component, number in components.items():
                settings.set_in_component_priority_dict(name, load_object(component), number)
