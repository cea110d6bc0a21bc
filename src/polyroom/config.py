"""Every option there is: its name, its default, what it does, and where its value comes from.

The fields of `Settings` are the one table. The command line, the environment variables, the TOML file, the sample file
and the page docs/configuration.md are all made from it. A leaf.
"""
# ruff: noqa: RUF009 - the calls make the fields

import re
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from polyroom import config_values as values
from polyroom.config_options import ENV_PREFIX, ConfigError, Option, option
from polyroom.config_values import DIALECTS

__all__ = ["DEFAULT_FILE", "DIALECTS", "OPTIONS", "ConfigError", "Option", "Settings", "load"]

DEFAULT_FILE = Path("polyroom.toml")
WILDCARDS = frozenset({"0.0.0.0", "::"})  # noqa: S104 - recognised, not bound
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration of one server. What every field means is in its entry below."""

    host: str = option(
        "127.0.0.1",
        "ADDRESS",
        "Address the server listens on. 0.0.0.0 or :: for all of the machine's.",
        values.a_text,
        "192.0.2.10",
    )
    port: int = option(
        7880, "PORT", "TCP port of HTTP and WebSocket. 0 picks a free one and prints it.", values.a_port, "8080"
    )
    data: Path = option(
        Path("polyroom-data"), "DIR", "Folder of the database; made with mode 0700.", values.a_path, "/var/lib/polyroom"
    )
    database: values.DatabaseUrl | None = option(
        None,
        "URL",
        "PostgreSQL database to use instead of SQLite in the data folder: postgresql://user:password@host:port/name."
        " The key file stays in the data folder. Others can see a command line: better in the environment or a file.",
        values.a_database,
        "postgresql://polyroom:password@db.example.com:5432/polyroom",
    )
    media_port: int = option(
        7882, "PORT", "UDP port of all audio and video. 0 picks a free one and prints it.", values.a_port, "50000"
    )
    media_host: str | None = option(
        None, "ADDRESS", "Address audio and video use, where it is not that of --host.", values.a_text, "192.0.2.10"
    )
    rtmp_port: int = option(
        1935, "PORT", "TCP port of RTMP encoders. 0 picks a free one and prints it.", values.a_port, "1936"
    )
    advertise: tuple[str, ...] = option(
        (),
        "ADDRESS",
        "IP address browsers are told to send audio and video to; several are allowed. Needed behind NAT."
        " Without it: the media address, or the machine's own when that is a wildcard.",
        values.addresses_of,
        "203.0.113.7",
        many=True,
    )
    public_url: str | None = option(
        None,
        "URL",
        "What links in answers start with. Without it: http(s)://host:port.",
        values.a_url,
        "https://rooms.example.com",
    )
    tls_cert: Path | None = option(
        None,
        "FILE",
        "Certificate chain (PEM). With --tls-key it turns on HTTPS and WSS;"
        " browsers give no camera without them off localhost.",
        values.a_path,
        "/etc/ssl/rooms.pem",
    )
    tls_key: Path | None = option(None, "FILE", "Private key (PEM) of --tls-cert.", values.a_path, "/etc/ssl/rooms.key")
    trusted_proxies: tuple[str, ...] = option(
        (),
        "ADDRESS",
        "Reverse proxies, as IP addresses or networks, whose X-Forwarded-For and X-Forwarded-Proto are believed.",
        values.networks_of,
        "10.0.0.0/8",
        many=True,
    )
    hosts: Mapping[str, tuple[str, ...]] = option(
        {},
        "DIALECT=NAME",
        "Host names at which a dialect is served at its vendor's own paths: DNS alone then moves an application here.",
        values.hosts_of,
        "streamwise=api.example.com",
        many=True,
    )
    region: str = option("eu", "NAME", "Region that stands at the front of Phenix room ids.", values.a_word, "us-east")
    assets: str | None = option(
        None,
        "URL",
        "Bucket that finished recordings are moved to, of Amazon S3 or any server that speaks its protocol:"
        " s3://bucket/prefix?endpoint=https://…&region=… They stay in the data folder where this is not given.",
        values.a_bucket,
        "s3://recordings/polyroom?endpoint=https://s3.example.com&region=us-east-1",
    )
    assets_access_key: str | None = option(
        None,
        "KEY",
        "Access key of the bucket. Where it is not given, the usual AWS_… variables and roles count.",
        values.a_text,
        "AKIAEXAMPLE",
    )
    assets_secret_key: values.Secret | None = option(
        None,
        "SECRET",
        "Secret key of the bucket. Others can see a command line: better in the environment or a file.",
        values.a_secret,
        "…",
    )
    recording_retention: int = option(
        0,
        "DAYS",
        "How many days recordings are kept after they were made, with their files. 0 keeps them for good.",
        values.a_number_of_days,
        "30",
    )
    message_retention: int = option(
        90,
        "DAYS",
        "How many days chat messages are kept, deleted rooms' too. 0 keeps them until they are purged.",
        values.a_number_of_days,
        "30",
    )
    event_retention: int = option(
        365,
        "DAYS",
        "How many days events are kept: what is told of the past, replayed and exported. 0 keeps them for good.",
        values.a_number_of_days,
        "730",
    )
    session_retention: int = option(
        0,
        "DAYS",
        "How many days sessions are kept after they ended, with their people and tracks. 0 keeps them for good.",
        values.a_number_of_days,
        "365",
    )
    quality_retention: int = option(
        90,
        "DAYS",
        "How many days the quality of audio and video is kept, minute by minute. 0 keeps it as long as its session.",
        values.a_number_of_days,
        "30",
    )
    webhook_retention: int = option(
        3,
        "DAYS",
        "How many days a webhook that is not taken is tried again, and every delivery is kept to look at."
        " 0 makes the vendor's own tries only, and keeps deliveries for a day.",
        values.a_number_of_days,
        "7",
    )
    video_max_size: int = option(
        10 * 2**30,
        "SIZE",
        "How large an uploaded video may be, in bytes or with K, M, G or T behind.",
        values.a_size,
        "2G",
    )
    ffmpeg: str | None = option(
        None,
        "PROGRAM",
        "The ffmpeg that converts uploaded videos, version 6 or later. Without it: the one installed with polyroom,"
        " else the system's.",
        values.a_text,
        "/usr/bin/ffmpeg",
    )
    allow_private_targets: bool = option(
        False,
        "",
        "Let webhooks, RTMP targets, recorded pages and published addresses lie outside the public internet: on this"
        " machine, in its network, at link-local ones.",
        values.a_switch,
        "true",
    )
    trace_endpoint: str | None = option(
        None,
        "URL",
        "Where OpenTelemetry traces go, by OTLP over HTTP. OTEL_EXPORTER_OTLP_ENDPOINT and the other standard variables"
        " do as well. Needs the packages of polyroom[traces].",
        values.a_url,
        "http://127.0.0.1:4318/v1/traces",
    )
    log_level: str = option(
        "info", "LEVEL", "debug, info, warning or error.", values.a_choice("debug", "info", "warning", "error"), "debug"
    )
    log_format: str = option(
        "text",
        "FORMAT",
        "text for people, json for collectors: one object a line.",
        values.a_choice("text", "json"),
        "json",
    )

    def __post_init__(self) -> None:
        if (self.tls_cert is None) != (self.tls_key is None):
            raise ConfigError("--tls-cert and --tls-key belong together: give both or neither")
        if 0 < self.event_retention < self.webhook_retention:
            raise ConfigError("--event-retention must not be shorter than --webhook-retention: webhooks tell of events")

    @property
    def media_address(self) -> str:
        """The IP address media binds to."""
        address = self.media_host or self.host
        return "127.0.0.1" if address == "localhost" else address

    @property
    def base_url(self) -> str:
        """What links start with, without a slash at the end."""
        if self.public_url:
            return self.public_url
        scheme = "https" if self.tls_cert else "http"
        host = self.host
        if host in WILDCARDS:
            host = self.advertise[0] if self.advertise else "localhost"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}"

    @property
    def rtmp_url(self) -> str:
        """What addresses of encoders start with, without a slash at the end."""
        host = urlsplit(self.base_url).hostname or "localhost"
        return f"rtmp://{f'[{host}]' if ':' in host else host}:{self.rtmp_port}"

    @property
    def only_local(self) -> bool:
        """Whether nobody but this machine can reach it."""
        return self.host in _LOOPBACK_NAMES


def _table() -> tuple[Option, ...]:
    found = []
    for one in fields(Settings):
        default = one.default if one.default is not MISSING else {}
        found.append(Option(name=one.name, default=default, **one.metadata))
    return tuple(found)


OPTIONS = _table()
_BY_NAME = {option.name: option for option in OPTIONS}


def load(
    given: Mapping[str, Any],
    environ: Mapping[str, str],
    file: Path | None = None,
    folder: Path | None = None,
) -> Settings:
    """The settings: command line over environment over file over default.

    Args:
        given: values of the command line by option name; None means not given.
        environ: the process environment.
        file: the file of --config, which must be there; without it polyroom.toml is read if there is one.
        folder: where polyroom.toml is looked for; the current folder if None.

    Raises:
        ConfigError: one line that says which value of which source is wrong.
    """
    path = file or (Path(environ[ENV_PREFIX + "CONFIG"]) if environ.get(ENV_PREFIX + "CONFIG") else None)
    found: dict[str, Any] = {}
    if path is not None or ((folder or Path()) / DEFAULT_FILE).is_file():
        found.update(_from_file(path or (folder or Path()) / DEFAULT_FILE))
    found.update(_from_environment(environ))
    for name, raw in given.items():
        if raw is not None and raw != ():
            found[name] = _parsed(_BY_NAME[name], raw, _BY_NAME[name].flag)
    return Settings(**found)


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        option.name: _parsed(option, environ[option.env], option.env) for option in OPTIONS if environ.get(option.env)
    }


def _from_file(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        document = tomllib.loads(text)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from None
    found = {}
    for name, raw in document.items():
        where = f"{path}{_line_of(text, name)}: {name}"
        if name not in _BY_NAME:
            raise ConfigError(f"{where}: there is no such option")
        found[name] = _parsed(_BY_NAME[name], raw, where)
    return found


def _line_of(text: str, name: str) -> str:
    pattern = re.compile(rf"^\s*(?:\[\s*)?[\"']?{re.escape(name)}[\"']?\s*[=\].]")
    for number, line in enumerate(text.splitlines(), 1):
        if pattern.match(line):
            return f", line {number}"
    return ""


def _parsed(option: Option, raw: Any, where: str) -> Any:
    try:
        return option.parse(raw)
    except ValueError as error:
        raise ConfigError(f"{where}: {error}") from None
