"""Certificates by which the parts of the embedded S3 server recognise each other: clients without one are refused.

They are made for each start. The key of the authority is never stored, so nobody can sign another certificate.
"""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from hemeroteca.home import Home
from storage.files import replace_whole

_VALID = timedelta(days=3650)
"""Longer than any server runs."""
_AUTHORITY, _SERVER = "hemeroteca embedded store", "127.0.0.1"


class _Signer(NamedTuple):
    name: str
    key: ec.EllipticCurvePrivateKey


def write_certificates(home: Home) -> None:
    """Write a new authority's certificate, and one with its key that it signed, for server and clients alike."""
    authority = _Signer(_AUTHORITY, ec.generate_private_key(ec.SECP256R1()))
    key = ec.generate_private_key(ec.SECP256R1())
    replace_whole(home.s3_authority, _sign(_AUTHORITY, authority.key, authority))
    replace_whole(home.s3_certificate, _sign(_SERVER, key, authority))
    replace_whole(home.s3_key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def make_client_context(home: Home) -> ssl.SSLContext:
    """Return what a client of the home's server needs: it trusts that server alone, and is trusted by it."""
    context = ssl.create_default_context(cafile=home.s3_authority)
    context.load_cert_chain(home.s3_certificate, home.s3_key)
    return context


def _sign(name: str, key: ec.EllipticCurvePrivateKey, authority: _Signer) -> bytes:
    now = datetime.now(UTC)
    is_authority = key is authority.key
    builder = (
        x509.CertificateBuilder()
        .subject_name(_common_name(name))
        .issuer_name(_common_name(authority.name))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))  # a clock may be set back
        .not_valid_after(now + _VALID)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    if not is_authority:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(authority.key, SHA256()).public_bytes(Encoding.PEM)


def _common_name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
