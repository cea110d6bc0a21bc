"""The console's API and tries of webhooks, put together. Part of the composition root."""

from importlib.metadata import version

from polyroom.config import Settings
from polyroom.core import Core
from polyroom.domain.webhook import Webhook, receiver_of
from polyroom.doors import asset_link, formatters, watch_address
from polyroom.operator_key import OperatorKeyFile
from polyroom.services.ports.webhooks import Try
from polyroom.services.stories import made_up
from polyroom.site.console import Broadcasts, Console, Gate, LoadHistory, Receivers, Records, Tenants
from polyroom.webhooks import Answer, Sender


async def try_webhook(settings: Settings, core: Core, webhook: Webhook) -> Answer:
    """Send a made-up event to a receiver, once."""
    async with Sender(allow_private=settings.allow_private_targets) as sender:
        return await _try(sender, settings, core, webhook)


async def _try(sender: Sender, settings: Settings, core: Core, webhook: Webhook) -> Answer:
    found = await core.store.read(lambda tx: made_up(tx, webhook, core.clock.now(), core.ids))
    formatter = next(one for one in formatters(settings, core) if one.format is webhook.format)
    receiver = receiver_of(webhook)
    message = formatter.write(found, receiver, Try(1, webhook.url, core.clock.now()))
    assert message is not None
    return await sender.send(webhook.url, message, receiver)


def open_console(settings: Settings, core: Core, load: LoadHistory, sender: Sender) -> Console:
    """The console's API."""
    gate = Gate(
        core.accounts,
        OperatorKeyFile(settings.data),
        core.clock,
        core.ids,
        secret=core.console_secret,
        public_url=settings.public_url,
    )
    return Console(
        gate,
        core.accounts,
        tenants=Tenants(gate, core.accounts, core.presence),
        records=Records(
            rooms=core.rooms,
            sessions=core.sessions,
            record=core.record,
            messages=core.messages,
            moderation=core.moderation,
            presence=core.presence,
            quality=core.quality,
        ),
        receivers=Receivers(core.webhooks, core.record, lambda webhook: _try(sender, settings, core, webhook)),
        broadcasts=Broadcasts(
            broadcasts=core.broadcasts,
            recorded=core.recorded,
            recordings=core.recordings,
            deletion=core.recording_deletion,
            live_streams=core.live_streams,
            restreams=core.restreams,
            link=asset_link(settings, core),
            watch=watch_address(settings),
            viewers=core.on_demand.audience,
        ),
        load=load,
    )


def about(settings: Settings) -> dict[str, str]:
    """What the operator is told of this server."""
    return {"version": version("polyroom"), "database": "PostgreSQL" if settings.database else "SQLite"}
