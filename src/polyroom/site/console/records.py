"""Rooms, sessions, who was in them, what happened and what was said: reading, and two ways to step in."""

from typing import Any

from polyroom.domain.errors import NotFound
from polyroom.services.messages import MessageService
from polyroom.services.moderation import ModerationService, in_session
from polyroom.services.ports.messages import Stretch
from polyroom.services.ports.store import RoomSearch, SessionSearch
from polyroom.services.presence import Presence
from polyroom.services.quality import QualityService
from polyroom.services.record import RecordService, cut
from polyroom.services.rooms import RoomService
from polyroom.services.sessions import SessionService
from polyroom.site.console import views
from polyroom.site.console.asking import (
    after_of,
    flag_field,
    flag_query,
    id_query,
    limit_of,
    number_query,
    path_id,
    text_query,
)
from polyroom.site.console.endpoint import Call
from polyroom.site.console.errors import ConsoleError

_EVENTS = 100


class Records:
    """The handlers of what an account's rooms hold and held."""

    def __init__(
        self,
        *,
        rooms: RoomService,
        sessions: SessionService,
        record: RecordService,
        messages: MessageService,
        moderation: ModerationService,
        presence: Presence,
        quality: QualityService,
    ) -> None:
        self._rooms = rooms
        self._sessions = sessions
        self._record = record
        self._messages = messages
        self._moderation = moderation
        self._presence = presence
        self._quality = quality

    async def now(self, call: Call) -> Any:
        """How many rooms are live, and how many people are in them."""
        live = self._presence.by_account().get(call.account.id)
        return {"rooms": live.rooms if live else 0, "people": live.people if live else 0}

    async def rooms(self, call: Call) -> Any:
        """Living rooms, latest first, those whose title holds a text if one is given; each with its latest session."""
        limit, wanted = limit_of(call.request), text_query(call.request, "search")
        after = after_of(call.request)
        search = RoomSearch(
            any_of=(("title", wanted),) if wanted else (), descending=True, limit=limit + 1, count=False
        )
        found = await self._rooms.search(call.account.id, search, start=None if after is None else str(after))
        some = cut([one.room for one in found.items], limit)
        latest = await self._record.latest(some.items)
        return views.page(
            some,
            lambda one: views.room(one) | {"latest": views.session(latest[one.id]) if one.id in latest else None},
        )

    async def room(self, call: Call) -> Any:
        """One room with whoever is in it now."""
        room_id = path_id(call.request, "room_id", "room")
        live = await self._sessions.live(call.account.id, str(room_id))
        return views.room(live.room) | {
            "description": live.room.description,
            "ids": views.room_ids(live.room),
            "session": views.bare_session(live.session) if live.session else None,
            "present": [views.attendant(one) for one in live.attendants],
        }

    async def messages(self, call: Call) -> Any:
        """What was said in a room, latest first; `next` is what to send as `before` for the earlier lines."""
        room_id = path_id(call.request, "room_id", "room")
        stretch = Stretch(before=number_query(call.request, "before"))
        found = await self._messages.page(call.account.id, str(room_id), stretch, limit_of(call.request, 50))
        lines = [views.message(one) for one in reversed(found.messages)]
        return {"items": lines, "next": lines[-1]["number"] if lines and found.more_before else None}

    async def sessions(self, call: Call) -> Any:
        """Sessions, latest first: of all rooms or of one, running ones, past ones or both."""
        search = SessionSearch(
            room_id=id_query(call.request, "room"),
            active=flag_query(call.request, "active"),
            limit=limit_of(call.request),
            after=after_of(call.request),
        )
        return views.page(await self._record.sessions(call.account.id, search), views.session)

    async def session(self, call: Call) -> Any:
        """One session."""
        session_id = path_id(call.request, "session_id", "session")
        return views.session(await self._record.session(call.account.id, session_id))

    async def people(self, call: Call) -> Any:
        """Who was in a session, first come first, with what they published."""
        session_id = path_id(call.request, "session_id", "session")
        after, limit = after_of(call.request), limit_of(call.request, 50)
        return views.page(await self._record.people(call.account.id, session_id, after, limit), views.attendant)

    async def quality(self, call: Call) -> Any:
        """How well somebody's media travelled, as rows of numbers."""
        session_id = path_id(call.request, "session_id", "session")
        who = path_id(call.request, "participant_id", "participant")
        one = await self._sessions.participant(call.account.id, who)
        if one.session_id != session_id:
            raise NotFound("participant")
        tracks = await self._record.tracks_of(one)
        return views.quality(await self._quality.of_participant(who), tracks)

    async def events(self, call: Call) -> Any:
        """What happened in a session, latest first."""
        session_id = path_id(call.request, "session_id", "session")
        after, limit = after_of(call.request), limit_of(call.request, _EVENTS)
        return views.page(await self._record.events(call.account.id, session_id, after, limit), views.event)

    async def end(self, call: Call) -> Any:
        """End a running session; with `lock` its room is switched off as well."""
        session_id = path_id(call.request, "session_id", "session")
        lock = flag_field(await call.body(), "lock")
        await self._moderation.end(in_session(call.account.id, session_id), lock=lock)
        return {"ended": True}

    async def remove(self, call: Call) -> Any:
        """Put somebody out of a running session."""
        session_id = path_id(call.request, "session_id", "session")
        who = path_id(call.request, "participant_id", "participant")
        await call.body()
        where = in_session(call.account.id, session_id)
        gone = await self._moderation.remove(where, lambda one: one.participant.id == who)
        if not gone.attendants:
            raise ConsoleError(404, "not_found", "They are not in the room any more.")
        return {"removed": [views.person(one.participant) for one in gone.attendants]}
