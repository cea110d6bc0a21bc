"""`polyroom erase`: takes a person out of what is kept."""

import asyncio
import json
from typing import TYPE_CHECKING
from uuid import UUID

import click

from polyroom.cli.options import finish, with_settings
from polyroom.cli.progress import Progress
from polyroom.config import Settings

if TYPE_CHECKING:
    from polyroom.services.erasure import Person

_WORDS = {
    "stays": "stays: name, identity, user id, metadata and attributes",
    "rooms": "rooms they were in",
    "track_names": "names of tracks",
    "messages": "messages they sent",
    "messages_to": "messages that named them as recipient",
    "poll_responses": "answers in polls: their texts, and whose they were",
    "words": "reasons in words with which they were put out",
    "receivers_answers": "answers of webhook receivers to events about them",
    "recordings": "recordings of nobody else, with their files",
    "recorded_texts": "chats, transcripts and summaries beside recordings of their sessions",
    "shared_recordings": "recordings stay in which others are seen and heard too: delete those by hand",
}


@click.group()
def erase() -> None:
    """Erase what is kept of somebody."""


@erase.command()
@click.option("--user-id", help="Whoever had this id in the application.")
@click.option("--identity", help="Whoever had this identity in a room.")
@click.option("--participant", "participant_id", type=click.UUID, help="One single participant.")
@click.option("--account", "account_id", type=click.UUID, help="Account; the default one without it.")
@click.option("--dry-run", is_flag=True, help="Change nothing; say what would be erased.")
@click.option("--json", "as_json", is_flag=True, help="The numbers as one JSON object.")
@with_settings("data", "database")
def person(
    settings: Settings,
    *,
    user_id: str | None,
    identity: str | None,
    participant_id: UUID | None,
    account_id: UUID | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Erase the texts kept of a person in all rooms of an account; ids and the order of events stay.

    Works beside a running server. Whoever is in a room now is refused: put them out first. Copies made earlier, backups
    above all, are not touched.
    """
    given = [one for one in (user_id, identity, participant_id) if one is not None]
    if len(given) != 1 or given[0] == "":
        raise click.UsageError("say who: one of --user-id, --identity and --participant")
    from polyroom.services.erasure import Person

    counts = finish(_erase(settings, Person(user_id, identity, participant_id), account_id, dry_run), asyncio.run)
    if as_json:
        click.echo(json.dumps(counts))
        return
    click.echo("would erase:" if dry_run else "erased:")
    for name, words in _WORDS.items():
        click.echo(f"{counts[name]:>8,} {words}")


async def _erase(settings: Settings, who: "Person", account_id: UUID | None, dry_run: bool) -> dict[str, int]:
    from polyroom.app import open_core
    from polyroom.services.erasure import ErasureService
    from polyroom.store.erasure import drop_traces
    from polyroom.store.sqlite import DATABASE_FILE

    async with open_core(settings) as core:
        owner = account_id or (await core.accounts.ensure_default()).id
        done = await ErasureService(core.store).erase(owner, who, dry_run=dry_run, tell=Progress())
        if not dry_run:
            await core.discarded.clean()
    if settings.database is None and not dry_run:
        await asyncio.to_thread(drop_traces, settings.data / DATABASE_FILE)
    return done.counts()
