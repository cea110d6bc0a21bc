"""`polyroom webhooks`: who is told of what happens, what was told, and telling it again."""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from polyroom.cli.options import finish, with_settings
from polyroom.config import Settings
from polyroom.domain.webhook import Attempt, WebhookFormat

if TYPE_CHECKING:
    from polyroom.app import Core
    from polyroom.services.ports.webhooks import ToldDelivery
    from polyroom.services.webhooks import Replay

_FORMATS = {"100ms": WebhookFormat.HMS} | {one.value: one for one in WebhookFormat if one is not WebhookFormat.HMS}
_NAMES = {kind: name for name, kind in _FORMATS.items()}
_ACCOUNT = click.option("--account", "account_id", type=click.UUID, help="Account; the default one without it.")
_FORMAT = click.Choice(list(_FORMATS))
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,128})=([\t\x20-\x7e]{0,4096})")
_TIMES = ["%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%dT%H:%M:%S.%f%z"]


@click.group()
def webhooks() -> None:
    """Receivers of an account: add, list, remove, test, and see and replay what was told to them."""


@webhooks.command()
@click.argument("kind", metavar="FORMAT", type=_FORMAT)
@click.argument("url")
@click.option("--header", "headers", multiple=True, metavar="NAME=VALUE", help="Header every message carries.")
@_ACCOUNT
@with_settings("data", "database")
def add(settings: Settings, kind: str, url: str, headers: tuple[str, ...], account_id: UUID | None) -> None:
    """Tell URL of everything that happens in the account's rooms, in the words of FORMAT.

    A room's own receiver, set through its vendor's API, stands in for the account's of that format.
    """
    _check_url(url)
    finish(_add(settings, _FORMATS[kind], url, _read_headers(headers), account_id), asyncio.run)


@webhooks.command("list")
@click.option("--account", "account_id", type=click.UUID, help="Only of that account.")
@with_settings("data", "database")
def list_(settings: Settings, account_id: UUID | None) -> None:
    """List the receivers: id, format, address, account. Headers and secrets are not shown."""
    finish(_list(settings, account_id), asyncio.run)


@webhooks.command()
@click.argument("webhook_id", type=click.UUID)
@with_settings("data", "database")
def remove(settings: Settings, webhook_id: UUID) -> None:
    """Tell it nothing more. What waits for it is dropped."""
    finish(_remove(settings, webhook_id), asyncio.run)


@webhooks.command()
@click.argument("webhook_id", type=click.UUID)
@with_settings("data", "database", "allow_private_targets")
def test(settings: Settings, webhook_id: UUID) -> None:
    """Send a made-up event from here, once, and show what came back."""
    finish(_test(settings, webhook_id), asyncio.run)


@webhooks.command()
@click.option("--event", "event_ids", type=click.UUID, multiple=True, help="That event; several are allowed.")
@click.option("--room", help="Events of that room, by any form of its id.")
@click.option("--session", type=click.UUID, help="Events of that session.")
@click.option("--since", type=click.DateTime(_TIMES), help="Events since then, as 2026-11-24T08:00:00Z.")
@click.option("--until", type=click.DateTime(_TIMES), help="Events before then.")
@click.option("--format", "kind", type=_FORMAT, help="Only receivers of that format.")
@_ACCOUNT
@with_settings("data", "database")
def replay(
    settings: Settings,
    *,
    event_ids: tuple[UUID, ...],
    room: str | None,
    session: UUID | None,
    since: datetime | None,
    until: datetime | None,
    kind: str | None,
    account_id: UUID | None,
) -> None:
    """Tell events again to whoever hears them now. A running server delivers them within two seconds."""
    if not (event_ids or room or session or since or until):
        raise click.UsageError("say which events: --event, --room, --session, --since or --until")
    from polyroom.services.webhooks import Replay

    only = _FORMATS[kind] if kind else None
    wanted = Replay(event_ids, session_id=session, since=since, before=until, only=only)
    finish(_replay(settings, wanted, room, account_id), asyncio.run)


@webhooks.command()
@click.option("--account", "account_id", type=click.UUID, help="Only of that account.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="How many queues.  [default: 20]")
@with_settings("data", "database")
def status(settings: Settings, account_id: UUID | None, limit: int) -> None:
    """Show what waits: room, format, target, how many, since when, tries so far, next try."""
    finish(_status(settings, account_id, limit), asyncio.run)


@webhooks.command()
@click.option("--account", "account_id", type=click.UUID, help="Only of that account.")
@click.option("--room", help="Deliveries of that room, by any form of its id.")
@click.option("--failing", is_flag=True, help="Only those that were not taken.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, help="How many deliveries.  [default: 20]")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, for programs.")
@with_settings("data", "database")
def attempts(
    settings: Settings, *, account_id: UUID | None, room: str | None, failing: bool, limit: int, as_json: bool
) -> None:
    """Show the latest deliveries with every attempt: time, address, status, milliseconds, how the answer began."""
    shown = _json_of if as_json else _lines_of
    for fields in finish(_attempts(settings, account_id, room, failing, limit), asyncio.run):
        click.echo(shown(fields))


async def _add(
    settings: Settings, kind: WebhookFormat, url: str, headers: dict[str, str], account_id: UUID | None
) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        owner = account_id or (await core.accounts.ensure_default()).id
        made = await core.webhooks.add(owner, kind, url, headers=headers)
    click.echo(str(made.id))
    if kind is WebhookFormat.POLYROOM:
        click.echo(f"secret  {made.secret}")


async def _list(settings: Settings, account_id: UUID | None) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        for one in await core.webhooks.list(account_id):
            click.echo(f"{one.id}  {_NAMES[one.format]:<8}  {one.method} {one.url}  {one.account_id}")


async def _remove(settings: Settings, webhook_id: UUID) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        await core.webhooks.remove(webhook_id)
    click.echo(f"{webhook_id} is removed")


async def _test(settings: Settings, webhook_id: UUID) -> None:
    from polyroom.core import open_core
    from polyroom.parts.console import try_webhook

    async with open_core(settings) as core:
        answer = await try_webhook(settings, core, await core.webhooks.get(webhook_id))
    if answer.status is None:
        raise click.ClickException(f"no answer: {answer.error} after {answer.milliseconds} ms")
    click.echo(f"{answer.status} after {answer.milliseconds} ms")
    click.echo(answer.text)


async def _replay(settings: Settings, wanted: "Replay", room: str | None, account_id: UUID | None) -> None:
    from dataclasses import replace as with_

    from polyroom.app import open_core

    async with open_core(settings) as core:
        owner = account_id or (await core.accounts.ensure_default()).id
        if room is not None:
            wanted = with_(wanted, room_id=await _room_id(core, owner, room))
        made = await core.webhooks.replay(owner, wanted)
    click.echo(f"{made} deliveries are queued")


async def _status(settings: Settings, account_id: UUID | None, limit: int) -> None:
    from polyroom.app import open_core

    async with open_core(settings) as core:
        for one in await core.webhooks.queues(account_id, limit):
            due = f"{one.due_at:%H:%M:%S}" if one.due_at else "-"
            lane = one.lane
            click.echo(
                f"{lane.room_id}  {_NAMES[lane.format]:<8}  {lane.target}  {one.waiting} since "
                f"{one.oldest:%Y-%m-%d %H:%M:%S}, {lane.tries} tries, next {due}"
            )


async def _attempts(
    settings: Settings, account_id: UUID | None, room: str | None, failing: bool, limit: int
) -> list[dict[str, Any]]:
    from polyroom.app import open_core
    from polyroom.services.ports.webhooks import DeliverySearch

    async with open_core(settings) as core:
        room_id = await _room_id(core, account_id, room) if room is not None else None
        search = DeliverySearch(room_id=room_id, failing=failing, limit=limit)
        told = await core.webhooks.search(account_id, search)
        tries = await core.webhooks.attempts(one.delivery.id for one in told)
    return [_fields(one, [each for each in tries if each.delivery_id == one.delivery.id]) for one in told]


def _fields(told: "ToldDelivery", tries: Iterable[Attempt]) -> dict[str, Any]:
    return {
        "delivery": str(told.delivery.id),
        "event": str(told.event.id),
        "type": told.event.type.value,
        "format": _NAMES[told.format],
        "room": str(told.delivery.room_id),
        "state": told.delivery.state.value,
        "is_replay": told.delivery.is_replay,
        "attempts": [
            {
                "at": one.at.isoformat(),
                "url": one.url,
                "status": one.status,
                "milliseconds": one.milliseconds,
                "error": one.error,
                "answer": one.answer,
            }
            for one in tries
        ],
    }


def _json_of(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields)


def _lines_of(fields: Mapping[str, Any]) -> str:
    replayed = "  (replay)" if fields["is_replay"] else ""
    head = f"{fields['event']}  {fields['type']}  {fields['format']}  {fields['state']}{replayed}"
    tries = [
        f"    {one['at']}  {one['url']}  {one['status'] or one['error']}  {one['milliseconds']} ms  "
        f"{' '.join(one['answer'].split())[:80]!r}"
        for one in fields["attempts"]
    ]
    return "\n".join([head, *tries])


async def _room_id(core: "Core", account_id: UUID | None, any_id: str) -> UUID:
    return (await core.rooms.get(account_id, any_id)).room.id


def _check_url(url: str) -> None:
    from polyroom.services.webhooks import is_usable

    if not is_usable(url):
        raise click.UsageError("URL must be an http:// or https:// address of at most 2048 ASCII characters")


def _read_headers(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for one in given:
        match = _HEADER.fullmatch(one)
        if match is None:
            raise click.UsageError("--header must be written NAME=VALUE")
        found[match[1]] = match[2]
    return found
