"""`polyroom export`: what is kept, in a file for others."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from uuid import UUID

import click

from polyroom.cli.backup import one_line
from polyroom.cli.options import finish, with_settings
from polyroom.cli.progress import Progress
from polyroom.config import Settings


@click.group()
def export() -> None:
    """Write what is kept into a file for other programs."""


@export.command()
@click.argument("room_id", metavar="ROOM")
@click.option("--output", type=click.Path(path_type=Path, allow_dash=True), required=True, help="New file; - prints.")
@click.option("--account", "account_id", type=click.UUID, help="Account; the default one without it.")
@with_settings("data", "database")
def room(settings: Settings, room_id: str, output: Path, account_id: UUID | None) -> None:
    """Write the whole story of ROOM, by any form of its id, as JSON Lines.

    Sessions with their people, tracks and quality, events with the webhooks that told of them, messages; deleted rooms
    too. Works beside a running server. The manual describes the lines.
    """
    with one_line(), _opened(output) as file:
        counts = finish(_write(settings, room_id, account_id, file), asyncio.run)
    told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items())
    click.echo(f"{output}: {told}", err=True)


async def _write(settings: Settings, room_id: str, account_id: UUID | None, file: IO[str]) -> dict[str, int]:
    from polyroom.app import open_core
    from polyroom.services.room_story import tell_room

    progress, lines = Progress(), 0
    counts: dict[str, int] = {}
    async with open_core(settings) as core:
        owner = account_id or (await core.accounts.ensure_default()).id
        async for line in tell_room(core.store, owner, room_id, core.clock.now()):
            file.write(json.dumps(line, ensure_ascii=False, separators=(",", ":")) + "\n")
            lines += 1
            progress("lines written", lines)
            counts = line.get("counts", counts)
    return counts


@contextmanager
def _opened(output: Path) -> Iterator[IO[str]]:
    """A private file that has its name only once it is whole; what is there already is not overwritten."""
    if str(output) == "-":
        yield sys.stdout
        return
    if output.exists():
        raise click.ClickException(f"{output}: is there already")
    aside = output.with_name(f".{output.name}.{os.getpid()}.part")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.link(aside, output)
    finally:
        with suppress(FileNotFoundError):
            aside.unlink()
