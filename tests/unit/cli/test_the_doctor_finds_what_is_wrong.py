"""Single checks of `polyroom doctor`."""

import socket
from contextlib import closing
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from polyroom.cli.diagnosis import build, network, storage, tls
from polyroom.cli.diagnosis.finding import Level
from polyroom.cli.doctor import clock
from polyroom.cli.lock import serving
from polyroom.config import Settings

NOW = datetime(2026, 6, 1, tzinfo=UTC)


def write_certificate(folder, *, names=("rooms.example.com",), until=NOW + timedelta(days=90), key=None):
    key = key or ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")])
    shown = [x509.IPAddress(ip_address(one)) if one[0].isdigit() else x509.DNSName(one) for one in names]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(NOW - timedelta(days=400))
        .not_valid_after(until)
        .add_extension(x509.SubjectAlternativeName(shown), critical=False)
        .sign(key, hashes.SHA256())
    )
    form = serialization.PrivateFormat.PKCS8
    (folder / "c.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "k.pem").write_bytes(key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


def settings(folder, **given):
    given.setdefault("public_url", "https://rooms.example.com")
    return Settings(tls_cert=folder / "c.pem", tls_key=folder / "k.pem", **given)


def test_a_good_certificate(tmp_path):
    write_certificate(tmp_path)
    assert tls.certificate(settings(tmp_path), NOW).level is Level.GOOD


def test_a_certificate_for_all_names_of_a_domain(tmp_path):
    write_certificate(tmp_path, names=("*.example.com",))
    assert tls.certificate(settings(tmp_path), NOW).level is Level.GOOD


def test_a_certificate_for_an_address(tmp_path):
    write_certificate(tmp_path, names=("127.0.0.1",))
    assert tls.certificate(settings(tmp_path, public_url=None), NOW).level is Level.GOOD


@pytest.mark.parametrize(
    ("made", "level", "words"),
    [
        ({"until": NOW - timedelta(days=1)}, Level.BAD, "not valid now"),
        ({"until": NOW + timedelta(days=3)}, Level.DOUBTFUL, "ends on 2026-06-04"),
        ({"names": ("other.example.com",)}, Level.DOUBTFUL, "not for rooms.example.com"),
    ],
)
def test_certificates_that_do_not_serve(tmp_path, made, level, words):
    write_certificate(tmp_path, **made)
    finding = tls.certificate(settings(tmp_path), NOW)
    assert finding.level is level
    assert words in finding.text
    assert finding.remedy


def test_a_key_of_another_certificate(tmp_path):
    write_certificate(tmp_path)
    (tmp_path / "other").mkdir()
    write_certificate(tmp_path / "other")
    (tmp_path / "other" / "k.pem").replace(tmp_path / "k.pem")
    finding = tls.certificate(settings(tmp_path), NOW)
    assert finding.level is Level.BAD
    assert "do not fit together" in finding.text


def test_certificate_files_that_are_missing_or_no_pem(tmp_path):
    assert tls.certificate(settings(tmp_path), NOW).level is Level.BAD
    (tmp_path / "c.pem").write_text("x")
    (tmp_path / "k.pem").write_text("x")
    assert tls.certificate(settings(tmp_path), NOW).level is Level.BAD


def test_no_certificate_is_fine_on_this_machine_only():
    assert tls.certificate(Settings()).level is Level.GOOD
    assert tls.certificate(Settings(host="0.0.0.0")).level is Level.DOUBTFUL
    assert tls.certificate(Settings(host="0.0.0.0", public_url="https://a.example.com")).level is Level.GOOD


def test_folders(tmp_path):
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    assert storage.folder(private).level is Level.GOOD
    assert storage.folder(tmp_path / "new" / "er").level is Level.GOOD
    private.chmod(0o755)
    finding = storage.folder(private)
    assert (finding.level, finding.remedy) == (Level.BAD, f"chmod 700 {private}")
    (tmp_path / "file").write_text("")
    assert storage.folder(tmp_path / "file").level is Level.BAD
    assert storage.space(tmp_path / "new").level is not Level.BAD


def test_a_running_server_is_named(tmp_path):
    assert "no server" in storage.lock(tmp_path).text
    with serving(tmp_path):
        assert "process" in storage.lock(tmp_path).text


def test_ports_in_use():
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        chosen = Settings(port=taken.getsockname()[1])
        assert network.http_port(chosen, None).level is Level.BAD
        assert network.http_port(chosen, 1).level is Level.GOOD
        chosen = Settings(rtmp_port=taken.getsockname()[1])
        finding = network.rtmp_port(chosen, None)
        assert finding.level is Level.BAD and "--rtmp-port" in (finding.remedy or "")
        assert network.rtmp_port(chosen, 1).level is Level.GOOD
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as taken:
        taken.bind(("127.0.0.1", 0))
        chosen = Settings(media_port=taken.getsockname()[1])
        assert network.media_port(chosen, None).level is Level.BAD
        assert network.media_port(chosen, 1).level is Level.GOOD


def test_free_ports():
    assert network.http_port(Settings(port=0), None).level is Level.GOOD
    assert network.rtmp_port(Settings(rtmp_port=0), None).level is Level.GOOD
    assert network.media_port(Settings(media_port=0), None).level is Level.GOOD


def test_advertised_addresses():
    assert network.advertised(Settings()).level is Level.GOOD
    assert network.advertised(Settings(host="0.0.0.0", advertise=("127.0.0.1",))).level is Level.BAD
    assert network.advertised(Settings(host="0.0.0.0", advertise=("203.0.113.7",))).level is Level.GOOD


def test_pages_that_are_not_built(tmp_path):
    finding = build.pages(tmp_path)
    assert finding.level is Level.BAD
    assert "make serve" in finding.remedy


def test_this_machine():
    assert build.python().level is Level.GOOD
    assert clock().level is Level.GOOD
