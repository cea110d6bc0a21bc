"""The certificate: readable, with its own key, in time, for the name that links carry."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509

from polyroom.cli.diagnosis.finding import Finding, bad, doubtful, good
from polyroom.config import Settings

_SOON = timedelta(days=14)


def certificate(settings: Settings, now: datetime | None = None) -> Finding:
    """Everything about --tls-cert and --tls-key."""
    if settings.tls_cert is None or settings.tls_key is None:
        return _without(settings)
    problem = unusable(settings)
    if problem:
        return bad(problem, "give a readable PEM chain and the key it was made with")
    leaf = x509.load_pem_x509_certificate(settings.tls_cert.read_bytes())
    moment = now or datetime.now(UTC)
    until = leaf.not_valid_after_utc
    if not leaf.not_valid_before_utc <= moment < until:
        return bad(f"the certificate is not valid now (until {until:%Y-%m-%d})", "renew it")
    name = urlsplit(settings.base_url).hostname or ""
    if not _covers(leaf, name):
        return doubtful(f"the certificate is not for {name}", "set --public-url to a name it is for")
    if until - moment < _SOON:
        return doubtful(f"the certificate ends on {until:%Y-%m-%d}", "renew it, then restart")
    return good(f"the certificate is valid until {until:%Y-%m-%d}")


def unusable(settings: Settings) -> str | None:
    """Why the certificate and its key cannot be used at all; None when they can, or when there are none."""
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    try:
        x509.load_pem_x509_certificate(settings.tls_cert.read_bytes())
        settings.tls_key.read_bytes()
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(settings.tls_cert, settings.tls_key, password=_none)
    except (OSError, ValueError) as error:
        return _told(error, settings.tls_cert)
    return None


def _without(settings: Settings) -> Finding:
    if settings.only_local or settings.base_url.startswith("https:"):
        return good("TLS is not needed here, or done by a proxy in front")
    return doubtful("no TLS: browsers give no camera off localhost", "set --tls-cert and --tls-key, or use a proxy")


def _covers(leaf: x509.Certificate, name: str) -> bool:
    try:
        names = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return False
    allowed = [one.lower() for one in names.get_values_for_type(x509.DNSName)]
    allowed += [str(one) for one in names.get_values_for_type(x509.IPAddress)]
    return name in allowed or f"*.{name.partition('.')[2]}" in allowed


def _none() -> str:
    """A key that asks for a password cannot be used by a server; an empty answer makes that an error, not a prompt."""
    return ""


def _told(error: Exception, cert: Path) -> str:
    if isinstance(error, ssl.SSLError):
        return f"{cert} and its key do not fit together: {error.reason or error}"
    if isinstance(error, OSError):
        return f"{error.filename or cert} cannot be read: {error.strerror}"
    return f"{cert} is not a PEM certificate"
