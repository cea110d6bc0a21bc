"""`polyroom serve`: the server."""

import logging
import os
import signal
import socket
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from pathlib import Path

import click
import uvloop

from polyroom.cli.credentials import Credentials, credential_lines, default_credentials
from polyroom.cli.database_lock import serving_database
from polyroom.cli.diagnosis.tls import unusable
from polyroom.cli.http import HttpServer, http_config
from polyroom.cli.lock import Locked, make_private_folder, serving
from polyroom.cli.logs import set_up
from polyroom.cli.options import finish, with_settings
from polyroom.cli.sockets import CannotListen, check_datagrams, listen, own_addresses
from polyroom.cli.versions import installed_version
from polyroom.cli.welcome import welcome_link
from polyroom.config import WILDCARDS, ConfigError, Settings

log = logging.getLogger(__name__)


@click.command()
@with_settings()
def serve(settings: Settings) -> None:
    """Run the server until it is told to stop."""
    set_up(settings)
    problem = unusable(settings)
    if problem:
        raise click.ClickException(problem)
    try:
        make_private_folder(settings.data)
        with serving(settings.data):
            check_datagrams(settings.media_address, settings.media_port)
            http = listen(settings.host, settings.port)
            rtmp = listen(settings.host, settings.rtmp_port, "--rtmp-port")
            finish(_serve(_completed(settings, http, rtmp), http, rtmp), uvloop.run)
    except Locked as other:
        raise click.ClickException(f"{settings.data} is served already by {other}; stop it or choose --data") from None
    except CannotListen as error:
        raise click.ClickException(str(error)) from None
    except ConfigError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(_told(error, settings.data)) from None


def _completed(settings: Settings, http: list[socket.socket], rtmp: list[socket.socket]) -> Settings:
    """The settings with what only the running machine knows: the ports, and its own addresses."""
    settings = replace(settings, port=http[0].getsockname()[1], rtmp_port=rtmp[0].getsockname()[1])
    if settings.media_address in WILDCARDS and not settings.advertise:
        settings = replace(settings, advertise=own_addresses(settings.media_address))
    return settings


async def _serve(settings: Settings, http: list[socket.socket], rtmp: list[socket.socket]) -> None:
    from polyroom.app import open_core, open_server
    from polyroom.operator_key import OperatorKeyFile
    from polyroom.tracing import open_tracing

    async with AsyncExitStack() as stack:
        tracing = stack.enter_context(open_tracing(settings))
        await stack.enter_async_context(serving_database(settings.database, _stop))
        core = await stack.enter_async_context(open_core(settings, tracing.store if tracing is not None else None))
        server = await stack.enter_async_context(open_server(settings, core, tracing, rtmp))
        keys = await default_credentials(core.accounts)
        link = await welcome_link(core, settings)
        operator = OperatorKeyFile(settings.data).current()

        def started() -> None:
            if settings.log_format == "text":
                click.echo(banner(settings, server.media_addresses, keys, link, operator))
            # Collectors of JSON lines keep what they get; keys and links do not belong there.
            media = ", ".join(server.media_addresses)
            log.info("ready at %s, media at %s, encoders at %s", settings.base_url, media, settings.rtmp_url)

        await HttpServer(http_config(server.asgi, settings), started, server.drain).serve(http)


def _stop() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def banner(settings: Settings, media: Sequence[str], keys: Credentials, link: str, operator: str) -> str:
    """What a person sees once the server is up."""
    lines = [
        f"polyroom {installed_version()} is ready",
        "",
        f"  Address       {settings.base_url}",
        f"  Media         {', '.join(media)} (UDP)",
        f"  RTMP          {settings.rtmp_url}",
    ]
    if settings.advertise:
        lines.append(f"  Advertised    {', '.join(settings.advertise)}")
    if settings.database:
        lines.append(f"  Database      {settings.database.shown}")
    lines += [f"  Data          {settings.data.resolve()}", "", "  Keys (polyroom credentials prints them again)"]
    lines += [f"    {line}" for line in credential_lines(keys)]
    lines += ["", "  Console, and the operator's key to it (polyroom console prints them again)"]
    lines += [f"    {settings.base_url}/console", f"    {operator}"]
    lines += ["", "  Meeting link, opened in two browser windows", f"    {link}"]
    if not settings.only_local and not settings.base_url.startswith("https:"):
        lines += ["", "  Browsers give no camera to pages without HTTPS except on localhost: see --tls-cert."]
    return "\n".join([*lines, ""])


def _told(error: OSError, folder: Path) -> str:
    where = error.filename or folder
    return f"{where}: {error.strerror or error}"
