"""Where connections go: public addresses, or with allow_private to loopback under the original name."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from spiders.wire.addresses import is_public
from spiders.wire.connect_rules import ConnectRule, find_target, read_connect_to
from storage.model.errors import FetchRefused, SeedError
from storage.warc.record import WarcTargetRecord
from tests.spiders.lab import Lab
from tests.spiders.raw_origin import RawOrigin, reply
from tests.spiders.wire.test_handler import counted, judge_file
from tests.warc_records import as_type

ANSWER = counted(b"<p>hello", b"Content-Type: text/html")


class NamedOrigin(RawOrigin):
    """An https origin whose certificate names *host*; it keeps the names that clients asked for by SNI."""

    def __init__(self, authority: trustme.CA, host: str) -> None:
        self.names: list[str | None] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(context)
        context.sni_callback = lambda _, name, __: self.names.append(name)
        super().__init__({"/": reply(ANSWER)}, context)


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def origin(authority: trustme.CA) -> Iterator[NamedOrigin]:
    with NamedOrigin(authority, "faro.hemeroteca.test") as origin:
        yield origin


def test_connect_to_changes_the_connection_and_nothing_else(tmp_path: Path, origin: NamedOrigin, ca_file: Path) -> None:
    rules = [f"faro.hemeroteca.test:443:127.0.0.1:{origin.port}"]
    lab = Lab(tmp_path, CAPTURE_CONNECT_TO=rules, CAPTURE_CA_FILE=str(ca_file))
    fetched = [lab.fetch("https://faro.hemeroteca.test/") for _ in range(2)]
    assert [one.require_response().body for one in fetched] == [b"<p>hello"] * 2
    assert origin.names == ["faro.hemeroteca.test"]
    assert b"\r\nHost: faro.hemeroteca.test\r\n" in origin.requests[0]
    records = lab.records()
    judge_file(tmp_path / "t-00000.warc.gz")
    assert {as_type(record, WarcTargetRecord).target_uri for record in records} == {"https://faro.hemeroteca.test/"}
    for response in (records[0], records[3]):
        assert response.block in (ANSWER, ANSWER.removesuffix(b"<p>hello"))  # the second is a revisit
        assert response.header("WARC-IP-Address") == "127.0.0.1"
        assert ("WARC-Protocol", "tls/1.3") in response.headers
        assert response.required("WARC-Cipher-Suite").startswith("TLS_")


def test_connect_to_is_not_for_public_sources(tmp_path: Path, origin: NamedOrigin, ca_file: Path) -> None:
    rules = [f"::127.0.0.1:{origin.port}"]
    lab = Lab(tmp_path, CAPTURE_CONNECT_TO=rules, CAPTURE_CA_FILE=str(ca_file))
    assert lab.fetch("https://faro.hemeroteca.test/").response is not None
    public = lab.fetch("https://faro.hemeroteca.test/", allow_private=False)
    assert public.outcome.reason == "dns"
    assert origin.connections == 1
    lab.close()


@pytest.mark.parametrize("trusted", [True, False])
def test_a_certificate_for_another_name_or_of_nobody_is_a_tls_failure(
    tmp_path: Path, origin: NamedOrigin, ca_file: Path, trusted: bool
) -> None:
    host = "other.hemeroteca.test" if trusted else "faro.hemeroteca.test"
    settings = {"CAPTURE_CA_FILE": str(ca_file)} if trusted else {}
    lab = Lab(tmp_path, CAPTURE_CONNECT_TO=[f"{host}::127.0.0.1:{origin.port}"], **settings)
    fetched = lab.fetch(f"https://{host}/")
    assert (fetched.outcome.status, fetched.outcome.reason) == (None, "tls")
    assert origin.requests == []
    records = lab.records()
    assert [record.type for record in records] == ["metadata"], "the request never left"


@pytest.mark.parametrize("trusted", [True, False])
def test_a_card_may_say_that_a_bad_certificate_is_written_down_and_the_page_fetched(
    tmp_path: Path, origin: NamedOrigin, ca_file: Path, trusted: bool
) -> None:
    host = "other.hemeroteca.test" if trusted else "faro.hemeroteca.test"
    settings = {"CAPTURE_CA_FILE": str(ca_file)} if trusted else {}
    lab = Lab(tmp_path, CAPTURE_CONNECT_TO=[f"{host}::127.0.0.1:{origin.port}"], **settings)
    fetched = [lab.fetch(f"https://{host}/", tls="record") for _ in range(2)]
    assert [one.outcome.state for one in fetched] == ["captured", "unchanged"]
    assert [one.outcome.flags for one in fetched] == [("tls_unverified",)] * 2
    strict = lab.fetch(f"https://{host}/")
    assert (strict.outcome.status, strict.outcome.reason) == (None, "tls"), "the connection is not lent to who verifies"
    metadata = {"metadata": lambda record: record.block_fields(), "revisit": lambda record: record.headers}
    said = [dict(metadata[one.type](one)).get("tlsError") for one in lab.records() if one.type in metadata]
    assert said[:2] == ["not for other.hemeroteca.test: VerificationError" if trusted else said[0]] * 2
    assert said[0] and said[2] is None


def test_of_a_good_certificate_nothing_is_written_down(tmp_path: Path, origin: NamedOrigin, ca_file: Path) -> None:
    rules = [f"faro.hemeroteca.test::127.0.0.1:{origin.port}"]
    lab = Lab(tmp_path, CAPTURE_CONNECT_TO=rules, CAPTURE_CA_FILE=str(ca_file))
    assert lab.fetch("https://faro.hemeroteca.test/", tls="record").outcome.flags == ()
    lab.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "0x7f000001", "2130706433", "127.1", "0"])
def test_a_private_address_is_refused_and_nothing_is_sent_or_written(tmp_path: Path, host: str) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(ANSWER)}) as origin:
        fetched = lab.fetch(f"http://{host}:{origin.port}/", allow_private=False)
        assert origin.connections == 0
    assert isinstance(fetched.error, FetchRefused)
    assert fetched.error.reason == "private_address"
    assert fetched.outcome is None
    assert lab.recorder.close("src") == []


@pytest.mark.parametrize("port", [1, 22, 25, 6000, 6667, 10080])
@pytest.mark.parametrize("allow_private", [True, False])
def test_a_port_of_another_protocol_is_never_asked(tmp_path: Path, port: int, allow_private: bool) -> None:
    lab = Lab(tmp_path)
    fetched = lab.fetch(f"http://127.0.0.1:{port}/", allow_private=allow_private)
    assert isinstance(fetched.error, FetchRefused)
    assert fetched.error.reason == "port"
    assert lab.recorder.close("src") == []


def test_a_connection_of_a_private_source_is_not_lent_to_a_public_one(tmp_path: Path) -> None:
    lab = Lab(tmp_path)
    with RawOrigin({"/": reply(ANSWER)}) as origin:
        url = f"http://127.0.0.1:{origin.port}/"
        assert lab.fetch(url).response is not None
        assert isinstance(lab.fetch(url, allow_private=False).error, FetchRefused)
    lab.close()


@pytest.mark.parametrize(
    "address",
    [
        "10.1.2.3", "100.64.0.1", "169.254.169.254", "192.168.1.1", "224.0.0.1", "0.0.0.0", "255.255.255.255",
        "::1", "::", "fe80::1%eth0", "fd00::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
        "::ffff:8.8.8.8", "2001:0:1::1", "2002:7f00:1::", "ff02::1",
        "::7f00:1", "2001:db8::1",
    ],
)  # fmt: skip
def test_special_purpose_addresses_are_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1"])
def test_other_addresses_are_public(address: str) -> None:
    assert is_public(address)


def test_connect_to_reads_as_curl_does() -> None:
    rules = read_connect_to(["A.test:80:127.0.0.1:8080", "a.test::[::1]:", ":443::8443"])
    assert rules[0] == ConnectRule("a.test", 80, "127.0.0.1", 8080)
    assert find_target(rules, "a.test", 80) == ("127.0.0.1", 8080)
    assert find_target(rules, "a.test", 81) == ("::1", 81)
    assert find_target(rules, "b.test", 443) == ("b.test", 8443)
    assert find_target(rules, "b.test", 80) == ("b.test", 80)


@pytest.mark.parametrize("entry", ["a.test:80", "a:b:127.0.0.1:80", "a.test:80:b.test:80", "a.test:80:10.0.0.1:80"])
def test_connect_to_goes_to_loopback_or_is_refused(entry: str) -> None:
    with pytest.raises(SeedError, match="connect_to: "):
        read_connect_to([entry])
