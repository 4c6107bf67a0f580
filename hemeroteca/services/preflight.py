"""Whether bucket and databases can be used, asked before anything starts: if not, which variable to mend."""

from __future__ import annotations

from urllib.parse import urlsplit

from hemeroteca.archive.archive import read_s3_settings
from hemeroteca.configuration import BUCKET, VARIABLES, Settings
from hemeroteca.services.reachability import ANSWER_SECONDS
from storage.model.errors import SeedError, ServiceError, StoreRefusedError

_ELSEWHERE = ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301")


def check_endpoint(settings: Settings) -> None:
    """Raise ServiceError when nothing answers at the S3 endpoint that is set; boto3 would try for minutes.

    Raises SeedError when what answers sends on to another address.
    """
    import httpx

    if not settings.s3_endpoint:
        return
    place = f"{settings.s3_endpoint}/{settings.s3_bucket or BUCKET}"
    try:
        # Any answer will do, so its certificate is left to boto3, which may know another authority.
        answer = httpx.head(place, timeout=ANSWER_SECONDS, verify=False)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ServiceError(f"HEMEROTECA_S3_ENDPOINT: {settings.s3_endpoint} does not answer: {error}") from error
    if answer.is_redirect and "x-amz-bucket-region" not in answer.headers:
        _check_leads_here(settings.s3_endpoint, str(answer.url.join(answer.headers["location"])))


def check_store(settings: Settings) -> None:
    """Raise SeedError when the bucket of another S3 is not there, or does not take the keys, and as check_endpoint."""
    from storage.objects import Store

    if settings.embedded_s3:
        return
    check_endpoint(settings)
    try:
        next(iter(Store(read_s3_settings(settings)).list_keys("manifests/")), None)
    except StoreRefusedError as error:
        raise SeedError(tell_refusal(settings, error)) from error


def check_databases(settings: Settings) -> None:
    """Raise SeedError when the address of a database cannot be read."""
    from storage.database import parse_database_url

    for name in ("catalog", "coordination"):
        if address := getattr(settings, name):
            try:
                parse_database_url(address.get_secret_value())
            except SeedError as error:
                raise SeedError(f"{VARIABLES[name]}: {error}") from None


def _check_leads_here(endpoint: str, target: str) -> None:
    """Raise SeedError when *target* is another server than *endpoint*."""
    here, there = urlsplit(endpoint), urlsplit(target)
    if (here.scheme, here.netloc) != (there.scheme, there.netloc):
        to = f"{there.scheme}://{there.netloc}"
        raise SeedError(f"HEMEROTECA_S3_ENDPOINT: {endpoint} redirects to {to}: use that address")


def tell_refusal(settings: Settings, error: StoreRefusedError) -> str:
    """Return which variable to mend, and how."""
    where, bucket = settings.s3_endpoint or "AWS", settings.s3_bucket or BUCKET
    if error.code == "NoSuchBucket":
        return f"HEMEROTECA_S3_BUCKET: {bucket} does not exist at {where}: create it, or name one that does"
    if error.code == "InvalidAccessKeyId":
        return f"HEMEROTECA_S3_ACCESS_KEY: {where} does not know the key {settings.s3_access_key}: correct it"
    if error.code == "SignatureDoesNotMatch":
        return f"HEMEROTECA_S3_SECRET_KEY: {where} says that this does not belong to the access key: correct it"
    if error.code == "NoCredentials":
        return "HEMEROTECA_S3_ACCESS_KEY: not set, and boto3 finds no keys either: set it and HEMEROTECA_S3_SECRET_KEY"
    if error.code in _ELSEWHERE:
        return f"HEMEROTECA_S3_REGION: {bucket} is not in {settings.s3_region or 'us-east-1'}: name the bucket's region"
    if error.code in ("AccessDenied", "403"):
        return (
            f"HEMEROTECA_S3_BUCKET: {where} does not let this key list {bucket}: give it the rights to list, read and "
            "write there, or correct the key"
        )
    return f"HEMEROTECA_S3_ENDPOINT: {where} refuses to list {bucket}: {error.code}"
