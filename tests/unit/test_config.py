"""Where option values come from and which are refused."""

import subprocess
import sys
from pathlib import Path

import pytest

from polyroom.config import OPTIONS, ConfigError, Settings, load

ROOT = Path(__file__).parents[2]


def test_defaults(tmp_path):
    settings = load({}, {}, folder=tmp_path)
    assert settings == Settings()
    assert (settings.host, settings.port, settings.media_port) == ("127.0.0.1", 7880, 7882)
    assert (settings.rtmp_port, settings.rtmp_url) == (1935, "rtmp://127.0.0.1:1935")
    assert settings.data == Path("polyroom-data")
    assert settings.base_url == "http://127.0.0.1:7880"
    assert settings.media_address == "127.0.0.1"


def test_the_command_line_wins_over_the_environment_over_the_file(tmp_path):
    (tmp_path / "polyroom.toml").write_text('port = 1\nregion = "a"\nmedia_port = 3\n')
    settings = load({"port": "3"}, {"POLYROOM_PORT": "2", "POLYROOM_REGION": "b"}, folder=tmp_path)
    assert (settings.port, settings.region, settings.media_port) == (3, "b", 3)


def test_a_named_file_is_read_instead_of_the_one_in_the_folder(tmp_path):
    (tmp_path / "polyroom.toml").write_text("port = 1\n")
    other = tmp_path / "other.toml"
    other.write_text("media_port = 5\n")
    assert load({}, {}, other, tmp_path).port == 7880
    assert load({}, {"POLYROOM_CONFIG": str(other)}, folder=tmp_path).media_port == 5


def test_every_option_can_be_set_in_every_way(tmp_path):
    for option in OPTIONS:
        if option.name in {"tls_cert", "tls_key"}:
            continue
        by_environment = load({}, {option.env: option.example}, folder=tmp_path)
        given = (option.example,) if option.many else option.example
        assert load({option.name: given}, {}, folder=tmp_path) == by_environment
        assert getattr(by_environment, option.name) != option.default


def test_lists_from_all_sources(tmp_path):
    (tmp_path / "polyroom.toml").write_text('advertise = ["192.0.2.1", "2001:db8::7"]\n')
    expected = ("192.0.2.1", "2001:db8::7")
    assert load({}, {}, folder=tmp_path).advertise == expected
    assert load({}, {"POLYROOM_ADVERTISE": "192.0.2.1, 2001:db8::7"}).advertise == expected
    assert load({"advertise": expected}, {}).advertise == expected


def test_hosts_as_a_table_and_as_pairs(tmp_path):
    (tmp_path / "polyroom.toml").write_text('[hosts]\nstreamwise = ["api.example.com", "B.example.com"]\n')
    expected = {"streamwise": ("api.example.com", "b.example.com")}
    assert load({}, {}, folder=tmp_path).hosts == expected
    pairs = "streamwise=api.example.com,streamwise=b.example.com"
    assert load({}, {"POLYROOM_HOSTS": pairs}).hosts == expected


def test_an_unknown_name_is_refused_with_its_line(tmp_path):
    (tmp_path / "polyroom.toml").write_text("# comment\nport = 1\nprot = 2\n")
    with pytest.raises(ConfigError, match=r"polyroom\.toml, line 3: prot: there is no such option"):
        load({}, {}, folder=tmp_path)


def test_an_unknown_table_is_refused_with_its_line(tmp_path):
    (tmp_path / "polyroom.toml").write_text("\n[tls]\ncert = 1\n")
    with pytest.raises(ConfigError, match=r"line 2: tls: there is no such option"):
        load({}, {}, folder=tmp_path)


@pytest.mark.parametrize(
    ("name", "raw", "words"),
    [
        ("port", "65536", "port number"),
        ("port", "-1", "port number"),
        ("port", "٣", "port number"),
        ("host", " ", "not empty"),
        ("advertise", ("example.com",), "not an IP address"),
        ("advertise", ("0.0.0.0",), "not an IP address that others can reach"),
        ("public_url", "rooms.example.com", "http:// or https://"),
        ("public_url", "https://u:p@example.com", "without user"),
        ("public_url", "https://example.com/?a=b", "without user, query"),
        ("public_url", "https://[::1", "http:// or https://"),
        ("trusted_proxies", ("proxy",), "neither an IP address nor a network"),
        ("hosts", ("streamwise",), "DIALECT=NAME"),
        ("hosts", ("zoom=a.example.com",), "none of 100ms"),
        ("hosts", ("streamwise=a.example.com", "telnyx=a.example.com"), "twice"),
        ("region", "EU West", "lower-case"),
        ("log_level", "loud", "one of debug"),
        ("log_format", "xml", "one of text, json"),
    ],
)
def test_bad_values_name_their_place(name, raw, words):
    with pytest.raises(ConfigError) as caught:
        load({name: raw}, {})
    assert str(caught.value).startswith(f"--{name.replace('_', '-')}: ")
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["port = true\n", 'port = "x"\n', "port = 1.5\n", "advertise = 5\n", "host = 5\n"])
def test_wrong_types_in_the_file(tmp_path, text):
    (tmp_path / "polyroom.toml").write_text(text)
    with pytest.raises(ConfigError, match=r"polyroom\.toml, line 1"):
        load({}, {}, folder=tmp_path)


def test_files_that_cannot_be_read(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read: No such file"):
        load({}, {}, tmp_path / "none.toml")
    (tmp_path / "polyroom.toml").write_text("port = \n")
    with pytest.raises(ConfigError, match="line 1"):
        load({}, {}, folder=tmp_path)
    (tmp_path / "polyroom.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="UTF-8"):
        load({}, {}, folder=tmp_path)


def test_certificate_and_key_belong_together():
    with pytest.raises(ConfigError, match="belong together"):
        load({"tls_cert": "a.pem"}, {})
    assert load({"tls_cert": "a.pem", "tls_key": "b.pem"}, {}).base_url == "https://127.0.0.1:7880"


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"host": "::1"}, "http://[::1]:7880"),
        ({"host": "0.0.0.0"}, "http://localhost:7880"),
        ({"host": "0.0.0.0", "advertise": ("192.0.2.1",)}, "http://192.0.2.1:7880"),
        ({"public_url": "https://rooms.example.com/"}, "https://rooms.example.com"),
    ],
)
def test_what_links_start_with(given, url):
    assert load(given, {}).base_url == url


@pytest.mark.parametrize(
    "url",
    [
        "postgres://u:sesame@h/d",
        "postgresql+asyncpg://u:sesame@h/d",
        "mysql://u:sesame@h/d",
        "sqlite:///sesame.db",
        "postgresql://u:sesame@h",
        "postgresql://u:sesame@h/",
        "postgresql://u:sesame@h/a/b",
        "postgresql://u:sesame@h:99999/d",
        "postgresql://u:sesame@h:x/d",
        "postgresql://u:sesame@h/d#f",
        "postgresql://u:sesame@[::1/d",
        "postgresql:u:sesame@h/d",
    ],
)
def test_a_database_that_cannot_be_one_is_refused_without_its_password(url):
    with pytest.raises(ConfigError, match=r"--database: must be written postgresql://") as caught:
        load({"database": url}, {})
    assert "sesame" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:ses%40me@h:5433/d?sslmode=require", "postgresql://u@h:5433/d"),
        ("postgresql://u:sesame@[::1]/d", "postgresql://u@[::1]/d"),
        ("postgresql:///d?host=/run/postgresql", "postgresql:///d"),
        ("postgresql://h/d", "postgresql://h/d"),
    ],
)
def test_settings_that_are_printed_show_no_password_of_the_database(url, shown):
    settings = load({"database": url}, {})
    assert settings.database == url
    assert settings.database.shown == shown
    assert not any(word in repr(settings) for word in ("ses@me", "ses%40me", "sesame"))
    assert shown in repr(settings)


def test_the_sample_and_the_page_are_as_generated():
    done = subprocess.run(
        [sys.executable, "tools/generate.py", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_sample_is_the_default_with_its_comments_taken_off(tmp_path):
    lines = (ROOT / "polyroom.sample.toml").read_text().splitlines()
    values = [line[2:] for line in lines if line.startswith("# ") and ("=" in line or line.startswith("# ["))]
    values = [line for line in values if not line.startswith("--")]
    (tmp_path / "polyroom.toml").write_text("\n".join(values))
    settings = load({}, {}, folder=tmp_path)
    assert all(
        getattr(settings, option.name) == option.default for option in OPTIONS if option.default not in (None, (), {})
    )
