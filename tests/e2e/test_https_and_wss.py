"""With a certificate of its own the server speaks HTTPS and WSS, and the links say so."""

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from playwright.async_api import Browser
from tests.support.browser import Visitor
from tests.support.rooms import make_room, make_token
from tests.support.server import ServerProcess


def certificate(folder: Path) -> tuple[Path, Path]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "polyroom test")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=2))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    cert_file, key_file = folder / "cert.pem", folder / "key.pem"
    cert_file.write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    pem, form, none = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    key_file.write_bytes(key.private_bytes(pem, form, none))
    return cert_file, key_file


async def test_a_visitor_joins_over_https(tmp_path: Path, browser: Browser) -> None:
    cert_file, key_file = certificate(tmp_path)
    server = ServerProcess(tmp_path / "data", "--tls-cert", str(cert_file), "--tls-key", str(key_file), scheme="https")
    server.start()
    try:
        with server.streamwise() as api:
            link = make_token(api, make_room(api))["url"]
        assert link.startswith("https://")
        context = await browser.new_context(permissions=["camera", "microphone"], ignore_https_errors=True)
        person = Visitor(context, await context.new_page())
        await person.join(link, "Ada")
        await person.sees_moving_pictures(1)
        await context.close()
    finally:
        server.stop()
