"""`polyroom restore`: a backup becomes the data again."""

import asyncio
from pathlib import Path

import click

from polyroom.cli.backup import one_line
from polyroom.cli.database_lock import serving_database
from polyroom.cli.lock import Locked, make_private_folder, serving
from polyroom.cli.options import with_settings
from polyroom.config import Settings


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of what is there.")
@with_settings("data", "database")
def restore(settings: Settings, file: Path, replace: bool) -> None:
    """Restore a FILE that `polyroom backup` made, all of it or nothing.

    The server has to be stopped. Files that were there move into a folder beside; the content of a PostgreSQL database
    is deleted.
    """
    try:
        with one_line():
            make_private_folder(settings.data)
            with serving(settings.data):
                asyncio.run(_restore(settings, file, replace))
    except Locked as other:
        raise click.ClickException(f"{settings.data} is served by {other}; stop it first") from None


async def _restore(settings: Settings, file: Path, replace: bool) -> None:
    from polyroom.store.restore import restore_backup

    async with serving_database(settings.database, lambda: None):
        made = await asyncio.to_thread(
            restore_backup, file, settings.data, settings.database, replace=replace, tell=click.echo
        )
    where = settings.database.shown if settings.database else settings.data
    click.echo(f"{sum(made.rows.values())} rows of {made.made_at} are in {where}")
