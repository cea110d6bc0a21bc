"""`polyroom accounts`: tenants, each with rooms and keys of its own."""

import asyncio
from uuid import UUID

import click

from polyroom.cli.credentials import credential_lines
from polyroom.cli.options import finish, with_settings
from polyroom.config import Settings
from polyroom.services.credentials import NAME_OF_DIALECT, credentials_of


@click.group()
def accounts() -> None:
    """Make, list and revoke accounts (tenants)."""


@accounts.command()
@click.argument("name")
@with_settings("data", "database")
def create(settings: Settings, name: str) -> None:
    """Make an account and print its keys, one set per dialect."""
    text = name.strip()
    if not 1 <= len(text) <= 200 or not text.isprintable():
        raise click.UsageError("NAME must be 1 to 200 printable characters")
    finish(_create(settings, text), asyncio.run)


@accounts.command("list")
@with_settings("data", "database")
def list_(settings: Settings) -> None:
    """List the accounts, oldest first."""
    finish(_list(settings), asyncio.run)


@accounts.command()
@click.argument("account_id", type=click.UUID)
@with_settings("data", "database")
def revoke(settings: Settings, account_id: UUID) -> None:
    """Close an account: none of its keys works any more. Its rooms stay in the database."""
    finish(_revoke(settings, account_id), asyncio.run)


async def _create(settings: Settings, name: str) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        account = await core.accounts.create(name)
        keys = await core.accounts.keys(account.id)
    click.echo(f"{account.id}  {account.name}\n")
    found = {NAME_OF_DIALECT[key.dialect]: credentials_of(key) for key in keys}
    click.echo("\n".join(credential_lines(found)))


async def _list(settings: Settings) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        for account in await core.accounts.list():
            default = "  (default)" if account.is_default else ""
            click.echo(f"{account.id}  {account.created_at:%Y-%m-%d %H:%M}  {account.name}{default}")


async def _revoke(settings: Settings, account_id: UUID) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        await core.accounts.close(account_id)
    click.echo(f"{account_id} is revoked")
