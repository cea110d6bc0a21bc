"""`polyroom keys`: further keys of an account, for changing them without a gap."""

import asyncio
from uuid import UUID

import click

from polyroom.cli.credentials import credential_lines
from polyroom.cli.options import finish, with_settings
from polyroom.config import Settings
from polyroom.services.credentials import DIALECT_OF_NAME, NAME_OF_DIALECT, credentials_of

_DIALECT = click.Choice(list(DIALECT_OF_NAME))
_ACCOUNT = click.option("--account", "account_id", type=click.UUID, help="Account; the default one without it.")


@click.group()
def keys() -> None:
    """Make, list and revoke keys."""


@keys.command()
@click.argument("dialect", type=_DIALECT)
@_ACCOUNT
@with_settings("data", "database")
def create(settings: Settings, dialect: str, account_id: UUID | None) -> None:
    """Make one more key of DIALECT and print it. The older ones go on working."""
    finish(_create(settings, dialect, account_id), asyncio.run)


@keys.command("list")
@_ACCOUNT
@with_settings("data", "database")
def list_(settings: Settings, account_id: UUID | None) -> None:
    """List the keys of all accounts, or of one: dialect, id, account. Secrets are not shown."""
    finish(_list(settings, account_id), asyncio.run)


@keys.command()
@click.argument("dialect", type=_DIALECT)
@click.argument("key_id")
@with_settings("data", "database")
def revoke(settings: Settings, dialect: str, key_id: str) -> None:
    """Make a key worthless. KEY_ID is what `polyroom keys list` shows. A running server notices within two seconds."""
    finish(_revoke(settings, dialect, key_id), asyncio.run)


async def _create(settings: Settings, dialect: str, account_id: UUID | None) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        owner = account_id or (await core.accounts.ensure_default()).id
        key = await core.accounts.create_key(owner, DIALECT_OF_NAME[dialect])
    click.echo(f"{dialect} {key.public_id}\n")
    click.echo("\n".join(credential_lines({dialect: credentials_of(key)})))


async def _list(settings: Settings, account_id: UUID | None) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        for key in await core.accounts.keys(account_id):
            name = NAME_OF_DIALECT[key.dialect]
            click.echo(f"{name:<11} {key.public_id:<26} {key.account_id}  {key.created_at:%Y-%m-%d %H:%M}")


async def _revoke(settings: Settings, dialect: str, key_id: str) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        await core.accounts.revoke_key(DIALECT_OF_NAME[dialect], key_id)
    click.echo(f"{dialect} {key_id} is revoked")
