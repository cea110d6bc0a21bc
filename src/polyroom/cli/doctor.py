"""`polyroom doctor`: says what would keep this server from working, and what to do about it."""

import os
import time
from collections.abc import Callable, Iterator

import click

from polyroom.cli.diagnosis import build, database, network, schema, storage, tls
from polyroom.cli.diagnosis.finding import Finding, Level, bad, good
from polyroom.cli.lock import holder
from polyroom.cli.options import with_settings
from polyroom.config import Settings
from polyroom.tracing import wanted

_EARLIEST = 1_767_225_600
"""2026-01-01: a clock before it would make every token look wrong."""

Check = Callable[[], Finding]


@click.command()
@with_settings()
def doctor(settings: Settings) -> None:
    """Check this machine and this configuration. Exit code 1 if something does not work."""
    worst = False
    for check in checks(settings):
        finding = check()
        worst = worst or finding.level is Level.BAD
        click.echo(f"{finding.level} {finding.text}")
        if finding.remedy:
            click.echo(f"    → {finding.remedy}")
    if worst:
        raise click.exceptions.Exit(1)


def checks(settings: Settings) -> Iterator[Check]:
    """Every check, in the order in which one explains the next."""
    running = holder(settings.data)
    yield build.python
    yield build.packet_core
    yield build.pages
    yield lambda: storage.folder(settings.data)
    yield lambda: storage.lock(settings.data)
    yield lambda: storage.space(settings.data)
    url = settings.database
    yield (lambda: database.server(url)) if url else (lambda: schema.revision(settings.data))
    yield lambda: network.http_port(settings, running)
    yield lambda: network.rtmp_port(settings, running)
    yield lambda: network.media_port(settings, running)
    yield network.media_loopback
    yield lambda: network.advertised(settings)
    yield lambda: tls.certificate(settings)
    if wanted(settings, os.environ):
        yield build.traces
    yield clock


def clock() -> Finding:
    """The machine's time."""
    now = time.time()
    text = time.strftime("the clock says %Y-%m-%d %H:%M:%S UTC", time.gmtime(now))
    return good(text) if now > _EARLIEST else bad(text, "set the clock; tokens and certificates depend on it")
