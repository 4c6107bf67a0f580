"""What the value of a setting must be like: a check each, whose ValueError says how to write it.

No check shows a secret. What a check needs is imported there: most commands set none of these.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import SecretStr

from storage.model.wrong_values import show_value

_BUCKET = re.compile(r"[A-Za-z0-9._-]{1,255}|arn:.+")
_DATABASE = re.compile(r"postgresql(\+\w+)?://.+|sqlite(\+\w+)?:///.+")
_CRON = "; write minute, hour, day of the month, month, day of the week: 0 3 * * * is every night at 03:00 UTC"


def check_cron(line: str) -> str:
    """Return *line*, which is a cron line of five fields, one of Airflow's names such as @daily, or empty."""
    from croniter import CroniterError, croniter

    if not line.strip():
        return ""
    if line in ("@hourly", "@daily", "@weekly", "@monthly"):
        return line
    if len(line.split()) != 5:
        raise ValueError(f"{show_value(line)} has {len(line.split())} fields, not 5{_CRON}")
    try:
        croniter(line).get_next()  # a 31 February never comes
    except (CroniterError, ValueError, KeyError):
        raise ValueError(f"{show_value(line)} is not a cron line, or its day never comes{_CRON}") from None
    return line


def check_endpoint_address(address: str) -> str:
    """Return *address*, which is a web address without keys in it."""
    example = "write an address such as http://minio.example:9000"
    try:
        parts = urlsplit(address)
        is_address = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise ValueError(f"{show_value(address.rpartition('@')[2])} is not an http or https address: {example}")
    if "@" in parts.netloc:
        raise ValueError(
            "must have no user name or password: set HEMEROTECA_S3_ACCESS_KEY and HEMEROTECA_S3_SECRET_KEY"
        )
    return address.rstrip("/")


def check_bucket_name(name: str) -> str:
    """Return *name*, which a bucket can have."""
    if not _BUCKET.fullmatch(name):
        raise ValueError(
            f"{show_value(name)} is not a bucket name: write only the name, such as news-archive; "
            "a folder in it is HEMEROTECA_S3_PREFIX"
        )
    return name


def mend_prefix(prefix: str) -> str:
    """Return *prefix* as keys begin: with a slash at its end and none at its beginning."""
    return f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def check_database(address: SecretStr) -> SecretStr:
    """Return *address*, which begins as one of SQLite or PostgreSQL. It may hold a password: it is not shown."""
    if not _DATABASE.fullmatch(address.get_secret_value()):
        kind = address.get_secret_value().partition(":")[0] if "://" in address.get_secret_value() else ""
        raise ValueError(
            f"{show_value(kind) + ' is' if kind else 'is'} neither PostgreSQL nor a SQLite file: write "
            "postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, or sqlite:////FOLDER/FILE"
        )
    return address


def check_file(path: Path) -> Path:
    if not path.is_file():
        raise ValueError(f"{path} is not a file: name one that can be read")
    return path
