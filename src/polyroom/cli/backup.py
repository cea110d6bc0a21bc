"""`polyroom backup`: everything into one file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from polyroom.cli.options import with_settings
from polyroom.cli.versions import installed_version
from polyroom.config import Settings
from polyroom.store.errors import StoreError


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@with_settings("data", "database")
def backup(settings: Settings, file: Path) -> None:
    """Save database, key file and assets into one new FILE.

    Works while the server runs. The file holds every key: keep it as safe as the data folder. It can be restored into
    SQLite and into PostgreSQL, whichever it came from.
    """
    from polyroom.store.backup import make_backup

    program = f"polyroom {installed_version()}"
    with one_line():
        made = make_backup(settings.data, settings.database, file, program=program, tell=click.echo)
    size = file.stat().st_size / 2**20
    click.echo(f"{file}: {size:.1f} MiB, {sum(made.rows.values())} rows, {len(made.members)} files")


@contextmanager
def one_line() -> Iterator[None]:
    """Whatever goes wrong with files and databases becomes one line and exit code 1."""
    try:
        yield
    except StoreError as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename or 'a file'}: {error.strerror or error}") from None
    except sqlite3.Error as error:
        raise click.ClickException(f"the SQLite database: {error}") from None
