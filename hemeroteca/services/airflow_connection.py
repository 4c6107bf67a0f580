"""The settings of a task: from the environment, and in an Airflow that is not ours from its connection."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import structlog

from hemeroteca.configuration import BUCKET, VARIABLES, Settings, find_unknown_variables, read_settings
from hemeroteca.services.preflight import tell_refusal
from storage.model.errors import SeedError, StoreRefusedError

log = structlog.get_logger()

CONNECTION = "hemeroteca_s3"
_CONNECTION_NAMES = {
    "s3_endpoint": "endpoint_url",
    "s3_bucket": "bucket",
    "s3_prefix": "prefix",
    "s3_region": "region_name",
    "s3_access_key": "login",
    "s3_secret_key": "password",
    "s3_addressing": "addressing_style",
}


def read_task_settings() -> Settings:
    """Return the settings of the task that runs now.

    ``HEMEROTECA_S3_*`` win, then the home's running S3 server, then the Airflow connection ``hemeroteca_s3``: login and
    password are the keys, its extra may say ``endpoint_url``, ``region_name``, ``bucket``, ``prefix`` and
    ``addressing_style`` (``path`` or ``virtual``).
    """
    for line in find_unknown_variables():
        log.warning("unknown setting", reason=line)
    settings = read_settings()
    if not settings.embedded_s3 or settings.home.s3_state.exists():
        return settings
    try:
        return read_settings(**_connection_fields())
    except SeedError as error:
        raise SeedError(f"Airflow connection {CONNECTION}: {_name_as_the_connection_does(str(error))}") from None


@contextmanager
def naming_refusals(settings: Settings) -> Iterator[None]:
    """Within this context a bucket that refuses a task of *settings* is told by what to mend: SeedError."""
    try:
        yield
    except StoreRefusedError as error:
        said = tell_refusal(settings, error)
        if read_settings().embedded_s3:  # then the connection said where the bucket is
            said = f"Airflow connection {CONNECTION}: {_name_as_the_connection_does(said)}"
        raise SeedError(said) from error


def _name_as_the_connection_does(message: str) -> str:
    """Return *message* with the names that the connection has for what are else environment variables."""
    for name, there in _CONNECTION_NAMES.items():
        message = message.replace(VARIABLES[name], there)
    return message


def _connection_fields() -> dict[str, Any]:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        connection = Connection.get(CONNECTION)
    except AirflowNotFoundException:
        return {}
    said = {"bucket": BUCKET} | connection.extra_dejson | {"login": connection.login, "password": connection.password}
    fields = {name: said.get(there) for name, there in _CONNECTION_NAMES.items()}
    return {name: value for name, value in fields.items() if value}
