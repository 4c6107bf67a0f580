"""Every private or undocumented API of Scrapy, Twisted, Airflow and typer that we use, and why. The only list of them.

``python -m tests.private_apis`` prints what has vanished or changed, one line each, and ends with 1 if anything has.
"""

from __future__ import annotations

import importlib
import inspect
import sys
from typing import Any, NamedTuple


class PrivateApi(NamedTuple):
    """``name`` is ``module:path``; ``takes`` are the parameters of a callable, None for anything else.

    An attribute that only an instance has is one that ``__init__`` of its class names.
    """

    name: str
    takes: tuple[str, ...] | None
    user: str
    why: str


_TLS, _WIRE = "spiders/wire/tls.py", "spiders/wire/handler.py"
_LOADER = "spiders/plain/spider_loader.py"
_SSL, _ENDPOINTS = "twisted.internet._sslverify", "twisted.internet.endpoints"

PRIVATE_APIS = (
    PrivateApi(
        "scrapy.spiderloader:SpiderLoader._load_all_spiders", ("self",), _LOADER,
        "Scrapy's ends at the first module that cannot be loaded, so one broken spider would hide the others",
    ),
    PrivateApi(
        "scrapy.spiderloader:SpiderLoader._load_spiders", ("self", "module"), _LOADER,
        "enters the spiders of one module",
    ),
    PrivateApi(
        "scrapy.spiderloader:SpiderLoader._check_name_duplicates", ("self",), _LOADER,
        "warns of two spiders with one name",
    ),
    PrivateApi(
        "scrapy.spiders:SitemapSpider._parse_sitemap", ("self", "response"), "spiders/plain/page_purpose.py",
        "the callback by which a SitemapSpider reads sitemaps: nothing else tells them from pages before they came",
    ),
    PrivateApi(
        f"{_SSL}:OpenSSLDefaultPaths._addCACertsToContext", ("self", "context"), _TLS,
        "a test's or an operator's CA file is trusted beside the machine's authorities; no public trust root does both",
    ),
    PrivateApi(
        f"{_SSL}:ClientTLSOptions.__init__", ("self", "createConnection", "hostname", "sendServerName"), _TLS,
        "the class behind the public optionsForClientTLS: its check of names is replaced by one that takes notes",
    ),
    PrivateApi(
        f"{_SSL}:ClientTLSOptions.clientConnectionForTLS", ("self", "tlsProtocol"), _TLS,
        "where a connection can be told to go on in spite of a bad certificate (`tls: record` on a card)",
    ),
    PrivateApi(
        f"{_SSL}:ClientTLSOptions._createConnection", None, _TLS,
        "makes the strict connection that the recording one begins as",
    ),
    PrivateApi(f"{_SSL}:ClientTLSOptions._hostnameIsDnsName", None, _TLS, "which of two name checks applies"),
    PrivateApi(f"{_SSL}:ClientTLSOptions._hostnameASCII", None, _TLS, "the name as service_identity wants it"),
    PrivateApi(
        f"{_ENDPOINTS}:HostnameEndpoint._getNameResolverAndMaybeWarn", ("self", "reactor"),
        "spiders/wire/destinations.py",
        "the only place where the addresses that are checked are those that are connected to (no DNS rebinding)",
    ),
    PrivateApi(
        f"{_ENDPOINTS}:HostnameEndpoint._hostText", None, "spiders/wire/destinations.py",
        "names the host when all of its addresses were refused",
    ),
    PrivateApi(
        "scrapy.core.downloader._idna_patch:_install_twisted_idna_fallbacks", (), _WIRE,
        "hosts with an underscore or a wrong IDNA label, which browsers reach, are reached as Scrapy's handler does",
    ),
    PrivateApi(
        "scrapy.utils._download_handlers:wrap_twisted_exceptions", (), _WIRE,
        "Twisted's errors become Scrapy's own, as in every other download handler",
    ),
    PrivateApi(
        "scrapy.core.engine:ExecutionEngine.downloader", None, "spiders/newspaper.py",
        "the way to the download handlers that goes past Scrapy's queue and middlewares (docs/decisions.md)",
    ),
    PrivateApi("scrapy.core.downloader:Downloader.handlers", None, "spiders/newspaper.py", "likewise"),
    PrivateApi(
        "scrapy.core.downloader.handlers:DownloadHandlers.download_request_async", ("self", "request"),
        "spiders/newspaper.py", "likewise: fetches one request, whatever its scheme",
    ),
    PrivateApi(
        "scrapy.core.engine:ExecutionEngine.scraper", None, "spiders/plain/archive_extension.py",
        "the way to the calls of a spider's code, and to the callbacks that do not end",
    ),
    PrivateApi(
        "scrapy.core.scraper:Scraper.call_spider_async", ("self", "result", "request"),
        "spiders/plain/contained_calls.py", "calls callbacks and errbacks; what is no Exception would hang the crawl",
    ),
    PrivateApi("scrapy.core.scraper:Scraper.itemproc", None, "spiders/plain/contained_calls.py", "likewise: pipelines"),
    PrivateApi(
        "scrapy.pipelines:ItemPipelineManager.process_item_async", ("self", "item"),
        "spiders/plain/contained_calls.py", "likewise",
    ),
    PrivateApi(
        "scrapy.utils.signal:robustApply", ("receiver", "arguments", "named"), "spiders/plain/contained_calls.py",
        "likewise: receivers of signals",
    ),
    PrivateApi("scrapy.core.scraper:Slot.active", None, "spiders/plain/archive_extension.py", "pages in callbacks"),
    PrivateApi(
        "scrapy.crawler:Crawler._create_spider", ("self", "args", "kwargs"), "tests/spiders/lab.py",
        "a spider without a crawl, for tests of the handler alone",
    ),
    PrivateApi(
        "twisted.internet.asyncioreactor:AsyncioSelectorReactor._asyncioEventloop", None, "tests/spiders/lab.py",
        "the loop of the reactor's thread, to hand coroutines to",
    ),
    PrivateApi(
        "airflow.__main__:main", (), "hemeroteca/services/airflow_process.py",
        "the command `airflow`, called with the garbage collector slowed down: a start takes a quarter less",
    ),
    PrivateApi(
        "airflow.cli.commands.scheduler_command:scheduler", ("args",), "hemeroteca/services/airflow_process.py",
        "imported while the scheduler waits for the execution API, which takes as long",
    ),
    PrivateApi(
        "airflow.jobs.scheduler_job_runner:SchedulerJobRunner", None, "hemeroteca/services/airflow_process.py",
        "likewise",
    ),
    PrivateApi(
        "airflow.sdk.definitions.retry_policy:RetryAction", None, "dags/steps.py",
        "what a retry rule does; not in every 3.3 release handed on by airflow.sdk",
    ),
    PrivateApi(
        "airflow.providers.standard.operators.empty:EmptyOperator", None, "dags/steps.py",
        "public, of the provider that every Airflow 3 has: a task that turns a run without a plan red and runs nothing",
    ),
    PrivateApi(
        "airflow.api_fastapi.common.types:UIAlert", None, "hemeroteca/services/airflow_alerts.py",
        "what Airflow's own settings name for a line on its front page: here, why the triggerer is off",
    ),
    PrivateApi(
        "typer._completion_shared:get_completion_script", ("prog_name", "complete_var", "shell"),
        "hemeroteca/cli/completion_command.py", "typer's public way adds two options to our help",
    ),
    PrivateApi(
        "typer._completion_classes:completion_init", (), "hemeroteca/cli/completion_command.py",
        "lets the command answer the shells that such a script asks for",
    ),
    PrivateApi(
        "babel.localedata:_cache", None, "benchmarks/extraction/cldr_export.py",
        "emptied between locales: az of Babel 2.18 overwrites the months of others once it is loaded",
    ),
)  # fmt: skip


def fault_of(api: PrivateApi) -> str | None:
    """Return what is wrong with *api* in the libraries that are installed; None when it is as listed."""
    module, _, path = api.name.partition(":")
    try:
        found: Any = importlib.import_module(module)
    except ImportError as error:
        return f"{api.name} is gone ({error}); used by {api.user}"
    owner = found
    for part in path.split("."):
        owner, found = found, getattr(found, part, None)
    if found is None:
        names = owner.__init__.__code__.co_names if inspect.isclass(owner) else ()
        return None if path.rpartition(".")[2] in names else f"{api.name} is gone; used by {api.user}"
    takes = tuple(inspect.signature(found).parameters) if api.takes is not None else None
    return None if takes == api.takes else f"{api.name} takes {takes}, not {api.takes}; used by {api.user}"


if __name__ == "__main__":
    faults = [fault for api in PRIVATE_APIS if (fault := fault_of(api))]
    print("\n".join(faults))
    sys.exit(1 if faults else 0)
