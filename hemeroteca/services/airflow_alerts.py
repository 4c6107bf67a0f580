"""What Airflow's own front page says of this Airflow, above its health: written into ``airflow/config`` of the home.

Airflow imports that file into each of its processes; the page is made by the API server alone.
"""

from __future__ import annotations

from hemeroteca.home import Home
from storage.files import replace_whole

TRIGGERER_OFF = "Airflow's page shows the triggerer in red: it is off on purpose, for no task here waits in it."
_SETTINGS = """\
# Written by hemeroteca at each start.
import sys

if "api-server" in sys.argv:
    from airflow.api_fastapi.common.types import UIAlert

    DASHBOARD_UIALERTS = [UIAlert(text={text!r}, category="info")]
"""
_ON_THE_PAGE = "The triggerer below is red: it is off on purpose, for no task here waits in it."


def write_alerts(home: Home) -> None:
    """Write what the front page says."""
    home.make_folder(home.airflow_config)
    replace_whole(home.airflow_config / "airflow_local_settings.py", _SETTINGS.format(text=_ON_THE_PAGE))
