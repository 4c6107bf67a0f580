"""The settings of one archive, read once from the environment variables ``HEMEROTECA_*``."""

from __future__ import annotations

import os
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from platformdirs import user_data_path
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    PrivateAttr,
    SecretStr,
    ValidationError,
    model_validator,
)
from pydantic_core import ErrorDetails

from hemeroteca.home import Home
from hemeroteca.setting_checks import (
    check_bucket_name,
    check_cron,
    check_database,
    check_endpoint_address,
    check_file,
    mend_prefix,
)
from storage.model.errors import SeedError
from storage.model.limits import CrawlLimits
from storage.model.night import Night
from storage.model.suggestions import suggest
from storage.model.wrong_values import reason_of

CHECKOUT = Path(__file__).resolve().parent.parent
DEMO_CONTACT = "demo@hemeroteca.test"
NIGHTLY_CRON = "0 3 * * *"
BUCKET = "hemeroteca"
"""The bucket's name where none is set."""

NEEDED_BY = ("everybody", "another S3", "several machines", "operators", "the demo and tests")
"""Who needs a setting."""
EVERYBODY, OTHER_S3, SEVERAL, OPERATORS, TESTS = NEEDED_BY

_PREFIX = "HEMEROTECA_"
_MAY_BE_EMPTY = ("nightly_cron",)
_SECRETS = ("AIRFLOW", "_AIRFLOW", "AWS_", "HEMEROTECA_S3_", "HEMEROTECA_CATALOG", "HEMEROTECA_COORDINATION")
"""How variables begin that no spider may read."""


def _setting(default: Any, needed_by: str, says: str, example: str, **bounds: Any) -> Any:
    """Return a field of the settings, with what docs/settings.md says of it."""
    if "default_factory" not in bounds:
        bounds["default"] = default
    return Field(description=says, examples=[example], json_schema_extra={"needed_by": needed_by}, **bounds)


def _count_processors() -> int:
    return os.cpu_count() or 1


def _read_home(value: object) -> Home:
    return value if isinstance(value, Home) else Home(Path(str(value)))


class Settings(BaseModel):
    """One archive. A field ``x`` is the variable ``HEMEROTECA_X``, which ``read_settings`` reads.

    ``home`` holds what is not code; with ``demo`` it is a demo or test home, the only kind that may set
    ``today`` or ``connect_to``; there the date in ``home.today`` wins over ``today`` and may change
    while servers run. Without ``s3_endpoint`` and ``s3_bucket`` the embedded S3 server of the home is used.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    home: Annotated[Home, PlainValidator(_read_home)] = _setting(
        Home(Path()), EVERYBODY, "The folder with everything that is not code", "/srv/hemeroteca"
    )
    contact: str = _setting(
        "", EVERYBODY, "Your e-mail or web address, which newspapers see; without one none is crawled", "me@example.org"
    )
    operator: str = _setting("", EVERYBODY, "Who crawls: each WARC file says it", "Example Library")
    nightly_cron: Annotated[str, AfterValidator(check_cron)] = _setting(
        NIGHTLY_CRON, EVERYBODY, "When the night begins, as a cron line in UTC; empty: never by itself", "30 1 * * *"
    )
    crawl_slots: int = _setting(
        None, EVERYBODY, "How many crawl processes run at once", "4", default_factory=_count_processors, ge=1, le=100
    )
    s3_endpoint: Annotated[str, AfterValidator(check_endpoint_address)] | None = _setting(
        None, OTHER_S3, "The address of an S3 server; AWS needs none", "http://minio.example:9000"
    )
    s3_bucket: Annotated[str, AfterValidator(check_bucket_name)] | None = _setting(
        None, OTHER_S3, "The bucket, which must be there", "news-archive"
    )
    s3_prefix: Annotated[str, AfterValidator(mend_prefix)] = _setting(
        "", OTHER_S3, "A folder of the bucket, to share it; a slash at its end is added", "hemeroteca/"
    )
    s3_region: str | None = _setting(None, OTHER_S3, "The bucket's region", "eu-west-1")
    s3_access_key: str | None = _setting(None, OTHER_S3, "The key's name; without it boto3 looks for keys", "AKIA…")
    s3_secret_key: SecretStr | None = _setting(None, OTHER_S3, "The secret that belongs to the key", "…")
    s3_addressing: Literal["path", "virtual", "auto"] = _setting(
        "auto", OTHER_S3, "Where the bucket's name stands: in the path, or in the host's name (virtual)", "path"
    )
    catalog: Annotated[SecretStr, AfterValidator(check_database)] | None = _setting(
        None, SEVERAL, "The database that holds the catalog", "postgresql+psycopg://me:secret@db.example/archive"
    )
    coordination: Annotated[SecretStr, AfterValidator(check_database)] | None = _setting(
        None, SEVERAL, "The database by which crawls agree", "postgresql+psycopg://me:secret@db.example/archive"
    )
    grace_seconds: float = _setting(90.0, SEVERAL, "How long a retry waits for the try before it to end", "120", ge=0)
    max_body_bytes: int | None = _setting(
        None, OPERATORS, "A longer body is cut there, and its URL is `failed: length`", "67108864", ge=1
    )
    warc_max_bytes: int | None = _setting(None, OPERATORS, "A WARC file is closed at this size", "1073741824", ge=1)
    warc_max_seconds: float | None = _setting(None, OPERATORS, "A WARC file is closed at this age", "3600", gt=0)
    spool_high_bytes: int | None = _setting(
        None, OPERATORS, "With more than this in the spool, crawls pause", "34359738368", ge=1
    )
    spool_low_bytes: int | None = _setting(
        None, OPERATORS, "With no more than this in the spool, they go on", "4294967296", ge=0
    )
    disk_free_bytes: int | None = _setting(
        None, OPERATORS, "With less free disk than this, crawls pause", "1073741824", ge=0
    )
    stall_seconds: float | None = _setting(
        None, OPERATORS, "A crawl process that computes this long without a turn is ended", "60", gt=0
    )
    runs_kept_days: int = _setting(30, OPERATORS, "How long plans and files of runs are kept", "90", ge=8)
    known_kept_days: int = _setting(
        90, OPERATORS, "How long is kept what is known of a newspaper without a card", "365", ge=1
    )
    log_bytes: int = _setting(
        20_000_000, OPERATORS, "A longer log of a server is cut at its beginning", "5000000", ge=8192
    )
    task_logs_kept_days: int = _setting(90, OPERATORS, "How long logs of Airflow's tasks are kept", "30", ge=1)
    airflow_kept_days: int = _setting(180, OPERATORS, "How long rows of Airflow's own database are kept", "365", ge=31)
    demo: bool = _setting(False, TESTS, "Work on the demo's archive, as `--demo` does", "1")
    today: date | None = _setting(None, TESTS, "What today is; in demo and test homes alone", "2026-03-01")
    connect_to: str = _setting(
        "",
        TESTS,
        "Where requests really go, as curl's `--connect-to`; in demo and test homes alone",
        "::127.0.0.1:8080",
    )
    ca_file: Annotated[Path, AfterValidator(check_file)] | None = _setting(
        None, TESTS, "Certificates to trust besides the usual ones, for newspapers of one's own", "/srv/ca.pem"
    )
    seeds: Path | None = _setting(None, TESTS, "A folder of cards to read in place of the checkout's", "/srv/cards")

    _environment: dict[str, str] = PrivateAttr(default_factory=lambda: dict(os.environ))

    @model_validator(mode="before")
    @classmethod
    def _choose_home(cls, fields: dict[str, object]) -> dict[str, object]:
        demo = str(fields.get("demo", "")).lower() in ("1", "true", "yes", "on")
        home = CHECKOUT / ".hemeroteca" / "demo" if demo else user_data_path("hemeroteca")
        return {**fields, "home": fields.get("home") or home}

    @model_validator(mode="after")
    def _check_together(self) -> Settings:
        for name in ("today", "connect_to"):
            if getattr(self, name) and not self.demo:
                raise ValueError(
                    f"HEMEROTECA_{name.upper()}: is for demo and test homes alone: unset it, or set HEMEROTECA_DEMO=1"
                )
        for one, other in (("ACCESS", "SECRET"), ("SECRET", "ACCESS")):
            if getattr(self, f"s3_{one.lower()}_key") and not getattr(self, f"s3_{other.lower()}_key"):
                raise ValueError(
                    f"HEMEROTECA_S3_{one}_KEY: is set without HEMEROTECA_S3_{other}_KEY: set both, or neither"
                )
        low, high = self.limits.spool_low_bytes, self.limits.spool_high_bytes
        if low >= high:
            raise ValueError(f"HEMEROTECA_SPOOL_LOW_BYTES: {low} must be less than HEMEROTECA_SPOOL_HIGH_BYTES, {high}")
        return self

    @property
    def limits(self) -> CrawlLimits:
        """How much a crawl may take: where nothing is set, what CrawlLimits says."""
        given = {name: getattr(self, name) for name in CrawlLimits.model_fields}
        return CrawlLimits.model_construct(**{name: value for name, value in given.items() if value is not None})

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
    """Read the settings from the environment; *overrides* win. A variable that is empty counts as not set.

    Raises SeedError with one ``variable: reason`` line each, which says what to write instead.
    """
    told = {name: os.environ[variable] for name, variable in VARIABLES.items() if variable in os.environ}
    told = {name: value for name, value in told.items() if value or name in _MAY_BE_EMPTY}
    try:
        return Settings.model_validate(told | overrides)
    except ValidationError as error:
        raise SeedError("\n".join(map(_tell, error.errors()))) from None


def read_nightly_cron() -> str:
    """Return the cron line of the night alone, for DAGs, which are loaded every half a minute. Raises SeedError."""
    variable = VARIABLES["nightly_cron"]
    try:
        return check_cron(os.environ.get(variable, NIGHTLY_CRON))
    except ValueError as error:
        raise SeedError(f"{variable}: {error}") from None


def find_unknown_variables() -> list[str]:
    """Return a line for each ``HEMEROTECA_*`` of the environment that is no setting, and so does nothing."""
    known = {*VARIABLES.values(), *OTHER_VARIABLES}
    unknown = sorted(name for name in os.environ if name.startswith(_PREFIX) and name not in known)
    return [f"{name}: no such setting, so it does nothing{suggest(name, known, _PREFIX)}" for name in unknown]


def _tell(fault: ErrorDetails) -> str:
    """Return a line about *fault*: the variable, what is wrong, and an example. A secret is not shown."""
    if not fault["loc"]:  # of several settings together: it names them itself
        return reason_of(fault)
    name = str(fault["loc"][0])
    field = Settings.model_fields[name]
    is_secret = "secret" in name or name in ("catalog", "coordination")
    reason = reason_of(fault, with_value=not is_secret)
    example = "" if fault["type"] == "value_error" else f"; for example {VARIABLES[name]}={(field.examples or [''])[0]}"
    return f"{VARIABLES[name]}: {reason}{example}"


VARIABLES = {name: f"{_PREFIX}{name.upper()}" for name in Settings.model_fields}
"""The environment variable of each setting."""
OTHER_VARIABLES = {"HEMEROTECA_SHARED": "Where data for tests and measurements lies that is not in the repository"}
"""Variables that are no setting of an archive, and what they say."""
