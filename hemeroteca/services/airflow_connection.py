"""The settings of a task: from the environment, and in an Airflow that is not ours from its connection."""

from __future__ import annotations

from typing import Any

from hemeroteca.configuration import BUCKET, Settings, read_settings

CONNECTION = "hemeroteca_s3"


def read_task_settings() -> Settings:
    """Return the settings of the task that runs now.

    ``HEMEROTECA_S3_*`` win, then the home's running S3 server, then the Airflow connection ``hemeroteca_s3``: login and
    password are the keys, its extra may say ``endpoint_url``, ``region_name``, ``bucket``, ``prefix`` and
    ``addressing_style`` (``path`` or ``virtual``).
    """
    settings = read_settings()
    if not settings.embedded_s3 or settings.home.s3_state.exists():
        return settings
    return read_settings(**_connection_fields())


def _connection_fields() -> dict[str, Any]:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        connection = Connection.get(CONNECTION)
    except AirflowNotFoundException:
        return {}
    extra = connection.extra_dejson
    fields = {
        "s3_endpoint": extra.get("endpoint_url"),
        "s3_bucket": extra.get("bucket", BUCKET),
        "s3_prefix": extra.get("prefix"),
        "s3_region": extra.get("region_name"),
        "s3_access_key": connection.login,
        "s3_secret_key": connection.password,
        "s3_addressing": extra.get("addressing_style"),
    }
    return {name: value for name, value in fields.items() if value}
