"""The settings of one archive, read once from the environment variables ``HEMEROTECA_*``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Literal

from platformdirs import user_data_path
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)

from hemeroteca.home import Home
from storage.model.base import reason_of
from storage.model.errors import SeedError
from storage.model.limits import CrawlLimits
from storage.model.night import Night

CHECKOUT = Path(__file__).resolve().parent.parent
DEMO_CONTACT = "demo@hemeroteca.test"
NIGHTLY_CRON = "0 3 * * *"
BUCKET = "hemeroteca"
"""The bucket's name where none is set."""

_SECRETS = ("AIRFLOW", "_AIRFLOW", "AWS_", "HEMEROTECA_S3_", "HEMEROTECA_CATALOG", "HEMEROTECA_COORDINATION")
"""How variables begin that no spider may read."""


def _read_home(value: object) -> Home:
    return value if isinstance(value, Home) else Home(Path(str(value)))


class Settings(BaseModel):
    """One archive. A field ``x`` is the variable ``HEMEROTECA_X``, which ``read_settings`` reads.

    ``home`` holds what is not code; with ``demo`` it is a demo or test home, the only kind that may set
    ``today`` or ``connect_to``; there the date in ``home.today`` wins over ``today`` and may change
    while servers run. Without ``s3_endpoint`` and ``s3_bucket`` the embedded S3 server of the home is used.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    home: Annotated[Home, PlainValidator(_read_home)] = Home(Path())
    demo: bool = False
    today: date | None = None
    contact: str = ""
    catalog: SecretStr | None = Field(default=None, description="SQLAlchemy address; default: SQLite in the home")
    coordination: SecretStr | None = None
    s3_endpoint: str | None = None
    s3_bucket: str | None = None
    s3_prefix: str = ""
    s3_region: str | None = None
    s3_access_key: str | None = None
    s3_secret_key: SecretStr | None = None
    s3_addressing: Literal["path", "virtual", "auto"] = "auto"
    seeds: Path | None = Field(default=None, description="cards beside the checkout's and the home's; for tests")
    crawl_slots: int = Field(default_factory=lambda: os.cpu_count() or 1, ge=1, le=100)
    nightly_cron: str = NIGHTLY_CRON
    connect_to: str = ""
    ca_file: Path | None = None
    operator: str = Field(default="", description="who crawls, for the WARC files; default: the contact")
    max_body_bytes: int | None = Field(default=None, description="a longer body is cut", ge=1)
    warc_max_bytes: int | None = Field(default=None, description="a longer WARC file is closed", ge=1)
    warc_max_seconds: float | None = Field(default=None, description="an older WARC file is closed", gt=0)
    spool_high_bytes: int | None = Field(default=None, description="with more in the spool crawls pause", ge=1)
    spool_low_bytes: int | None = Field(default=None, description="with no more than this they go on", ge=0)
    disk_free_bytes: int | None = Field(default=None, description="with less free disk they pause", ge=0)
    stall_seconds: float | None = Field(default=None, description="CPU seconds for one turn of a crawl process", gt=0)
    runs_kept_days: int = Field(default=30, description="how long plans and files of runs are kept", ge=8)
    known_kept_days: int = Field(default=90, description="how long what is known of a source without card is", ge=1)
    log_bytes: int = Field(default=20_000_000, description="a longer log of a server is cut at its beginning", ge=8192)
    task_logs_kept_days: int = Field(default=90, description="how long the logs of Airflow's tasks are kept", ge=1)
    airflow_kept_days: int = Field(default=180, description="how long rows of Airflow's own database are", ge=31)
    grace_seconds: float = Field(default=90.0, description="how long a retry waits for its predecessor", ge=0)

    _environment: dict[str, str] = PrivateAttr(default_factory=lambda: dict(os.environ))

    @model_validator(mode="before")
    @classmethod
    def _choose_home(cls, fields: dict[str, object]) -> dict[str, object]:
        demo = str(fields.get("demo", "")).lower() in ("1", "true", "yes", "on")
        home = CHECKOUT / ".hemeroteca" / "demo" if demo else user_data_path("hemeroteca")
        return {**fields, "home": fields.get("home") or home}

    @model_validator(mode="after")
    def _only_in_a_demo(self) -> Settings:
        for name in ("today", "connect_to"):
            if getattr(self, name) and not self.demo:
                raise ValueError(f"HEMEROTECA_{name.upper()} is for demo and test homes (HEMEROTECA_DEMO=1)")
        return self

    @property
    def limits(self) -> CrawlLimits:
        """How much a crawl may take: where nothing is set, what CrawlLimits says. Raises SeedError."""
        given = {name: getattr(self, name) for name in CrawlLimits.model_fields}
        try:
            return CrawlLimits(**{name: value for name, value in given.items() if value is not None})
        except ValidationError as error:
            raise SeedError(f"HEMEROTECA_SPOOL_LOW_BYTES: {reason_of(error.errors()[0])}") from None

    @property
    def environment(self) -> Mapping[str, str]:
        """The environment of this process, for the processes that it starts."""
        return self._environment

    @property
    def spider_environment(self) -> dict[str, str]:
        """The environment of processes that run spiders: without the secrets of Airflow, bucket and databases."""
        return {name: value for name, value in self._environment.items() if not name.startswith(_SECRETS)}

    @property
    def embedded_s3(self) -> bool:
        return self.s3_endpoint is None and self.s3_bucket is None

    def now(self) -> datetime:
        return datetime.now(UTC)

    def tonight(self) -> Night:
        """Return the night that *now* belongs to: today in UTC, or the demo's own today."""
        if self.demo and self.home.today.exists():
            return _read_today(self.home.today)
        return self.today or self.now().date()

    def catalog_url(self) -> str:
        return self.catalog.get_secret_value() if self.catalog else f"sqlite:///{self.home.catalog}"

    def coordination_url(self) -> str:
        if self.coordination:
            return self.coordination.get_secret_value()
        if self.catalog:
            return self.catalog.get_secret_value()
        return f"sqlite:///{self.home.coordination}"


def _read_today(file: Path) -> Night:
    try:
        return Night.fromisoformat(file.read_text().strip())
    except ValueError as error:
        raise SeedError(f"{file}: {error}") from None


def read_settings(**overrides: object) -> Settings:
    """Read the settings from the environment; *overrides* win.

    Raises SeedError with one ``variable: reason`` line each.
    """
    named = {name: f"HEMEROTECA_{name.upper()}" for name in Settings.model_fields}
    told = {name: os.environ[variable] for name, variable in named.items() if variable in os.environ}
    try:
        return Settings.model_validate(told | overrides)
    except ValidationError as error:
        lines = [f"HEMEROTECA_{'_'.join(map(str, e['loc'])).upper()}: {reason_of(e)}" for e in error.errors()]
        raise SeedError("\n".join(lines)) from None
