"""`polyroom credentials`: the keys of the default account, one set per dialect."""

import asyncio
import json
from typing import TYPE_CHECKING

import click

from polyroom.cli.options import finish, with_settings
from polyroom.config import Settings
from polyroom.services.credentials import DIALECT_OF_NAME, credentials_of

if TYPE_CHECKING:
    from polyroom.services.accounts import AccountService

Credentials = dict[str, dict[str, str]]


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, for programs.")
@with_settings("data", "database")
def credentials(settings: Settings, as_json: bool) -> None:
    """Print the default account's keys.

    The account is made on first use. Works while the server runs.
    """
    found = finish(_read(settings), asyncio.run)
    click.echo(json.dumps(found, indent=2) if as_json else "\n".join(credential_lines(found)))


async def _read(settings: Settings) -> Credentials:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        return await default_credentials(core.accounts)


async def default_credentials(accounts: "AccountService") -> Credentials:
    """The oldest living key of each dialect; one is made where all were revoked."""
    account = await accounts.ensure_default()
    found: Credentials = {}
    for name, dialect in DIALECT_OF_NAME.items():
        keys = await accounts.keys(account.id, dialect)
        found[name] = credentials_of(keys[0] if keys else await accounts.create_key(account.id, dialect))
    return found


def credential_lines(found: Credentials) -> list[str]:
    """The same for people: a line for each value."""
    lines = []
    for name, values in found.items():
        for number, (key, value) in enumerate(values.items()):
            lines.append(f"{'' if number else name:<12}{key:<16}{value}")
    return lines
