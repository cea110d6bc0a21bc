"""What each receiver is to be told of a meeting, written down from the vendors' documents: every field of a body."""

from dataclasses import dataclass, field
from typing import Any

from tests.support.told import AnyOf, Fact, Json, Lasted, Text, Time, Uuid

Json_ = dict[str, Any]
HMS, TELNYX, PHENIX, OWN = "/hms", "/telnyx", "/phenix", "/own"
PATHS = (HMS, TELNYX, PHENIX, OWN)

HMS_REASONS = {
    "left": "client request",
    "removed": "peer kicked",
    "session_ended": "room ended",
    "vanished": "websocket closed",
    "server_crashed": "websocket closed",
}
TELNYX_REASONS = {
    "left": "Left",
    "removed": "Kicked from API",
    "session_ended": "Ended from API",
    "vanished": "Connection lost",
    "server_crashed": "Server crashed",
}
PHENIX_REASONS = {"left": "ended", "removed": "terminated", "vanished": "connection-lost"}


@dataclass
class Person:
    """Somebody in the meeting. `entry` counts how often they came in; `role` is the one they have now."""

    name: str
    role: str
    dialect: str
    identity: Any = None
    user_id: str = ""
    metadata: str = ""
    entry: int = 1

    @property
    def here(self) -> str:
        """What names of this stay begin with."""
        return f"{self.name}/{self.entry}"

    def own(self, role: str | None = None) -> Json_:
        """As polyroom's own form shows them."""
        return {
            "id": Uuid(self.here),
            "identity": self.identity or Text(f"identity of {self.name}", ".+"),
            "name": self.name,
            "user_id": self.user_id,
            "role": role or self.role,
            "dialect": self.dialect,
            "hidden": False,
            "joined_at": Time(f"{self.here} joined", "+00:00"),
        }

    def hms(self, role: str | None = None) -> Json_:
        """As 100ms shows them."""
        return {
            "peer_id": Uuid(self.here),
            "user_id": self.user_id,
            "user_name": self.name,
            "user_data": self.metadata,
            "role": role or self.role,
            "joined_at": Time(f"{self.here} joined"),
            "type": "regular",
        }

    def telnyx(self) -> Json_:
        """As Telnyx shows them."""
        return {"context": self.metadata or self.name, "participant_id": Uuid(self.here)}


@dataclass
class Room:
    """A room with a running number for its sessions. Its ids are among what is known when the facts are checked."""

    title: str
    hms_name: str
    hooks: dict[str, str]
    session: int = 1
    count: int = field(default=0)

    def fact(self, name: str, kind: str, data: Json_, *, session: bool = True, **more: Any) -> Fact:
        """Something polyroom's own receiver is told; every event is one, and its number follows on the last's."""
        body: Json_ = {
            "id": Uuid(f"event {name}"),
            "type": kind,
            "at": Time(name, "+00:00"),
            "sequence": Place("sequence"),
            "attempt": Place("attempt"),
            "is_replay": False,
            "account_id": Uuid("account"),
            "room": {
                "id": Uuid("room"),
                "title": self.title,
                "hms_id": Text("room at 100ms"),
                "phenix_id": Text("room at Phenix", "[a-z-]+#.+#.+"),
                "streamwise_id": Text("room at StreamWise", "[A-Za-z0-9]{16}"),
            },
            "data": data,
            **more,
        }
        if session:
            hms = Text(f"session {self.session} at 100ms")
            started = Time(f"session {self.session} opened", "+00:00")
            body["session"] = {"id": Uuid(f"session {self.session}"), "hms_id": hms, "started_at": started}
        return Fact(name, {OWN: body})

    def hms(self, name: str, kind: str, data: Json_) -> Json_:
        """What 100ms' receivers get."""
        return {
            "version": "2.0",
            "id": Uuid(f"event {name}"),
            "account_id": Text("customer"),
            "app_id": Text("customer"),
            "template_id": Text("template"),
            "timestamp": Time(name),
            "type": kind,
            "data": {
                "room_id": Text("room at 100ms"),
                "room_name": self.hms_name,
                "session_id": Text(f"session {self.session} at 100ms"),
                "template_id": Text("template"),
                "session_started_at": Time(f"session {self.session} opened"),
                **data,
            },
        }

    def telnyx(self, name: str, kind: str, payload: Json_) -> Json_:
        """What Telnyx' receivers get."""
        return {
            "data": {
                "record_type": "event",
                "event_type": f"video.room.{kind}",
                "id": Uuid(f"event {name}"),
                "occurred_at": Time(name),
                "payload": {"session_id": Uuid(f"session {self.session}"), "room_id": Uuid("room"), **payload},
            },
            "meta": {"attempt": Place("attempt"), "delivered_to": self.hooks[TELNYX]},
        }

    def opened(self) -> Fact:
        """A session began."""
        name = f"session {self.session} opened"
        fact = self.fact(name, "session.opened", {})
        fact.bodies[HMS] = self.hms(name, "session.open.success", {})
        fact.bodies[TELNYX] = self.telnyx(name, "session.started", {})
        return fact

    def closed(self, reason: str) -> Fact:
        """The session ended, nobody being there any more."""
        name, began = f"session {self.session} closed", f"session {self.session} opened"
        fact = self.fact(name, "session.closed", {"reason": reason})
        lasted = {"session_duration": Lasted(began, name), "session_stopped_at": Time(name)}
        fact.bodies[HMS] = self.hms(name, "session.close.success", lasted)
        ended = {"duration_secs": Lasted(began, name), "ended_reason": TELNYX_REASONS[reason]}
        fact.bodies[TELNYX] = self.telnyx(name, "session.ended", ended)
        return fact

    def ended(self, said: str, *, lock: bool) -> Fact:
        """An application ended the session, with some words."""
        name = f"session {self.session} ended"
        fact = self.fact(name, "session.ended", {"lock": lock, "said": said})
        nobody = dict.fromkeys(("peer_id", "role", "user_id", "user_name"), "")
        data = {**nobody, "lock_room": lock, "reason": said, "source": "api"}
        fact.bodies[HMS] = self.hms(name, "room.end.success", data)
        return fact

    def joined(self, who: Person) -> Fact:
        """Somebody came."""
        name = f"{who.here} joined"
        fact = self.fact(name, "participant.joined", {}, participant=who.own())
        fact.bodies[HMS] = self.hms(name, "peer.join.success", who.hms())
        fact.bodies[TELNYX] = self.telnyx(name, "participant.joined", who.telnyx())
        return fact

    def left(self, who: Person, reason: str, said: str = "") -> Fact:
        """Somebody went, or was put out with some words."""
        name, joined = f"{who.here} left", f"{who.here} joined"
        fact = self.fact(
            name, "participant.left", {"reason": reason, **({"said": said} if said else {})}, participant=who.own()
        )
        gone = {"left_at": Time(name), "duration": Lasted(joined, name), "reason": HMS_REASONS[reason], "message": said}
        fact.bodies[HMS] = self.hms(name, "peer.leave.success", who.hms() | gone)
        gone = {"duration_secs": Lasted(joined, name), "left_reason": TELNYX_REASONS[reason]}
        fact.bodies[TELNYX] = self.telnyx(name, "participant.left", who.telnyx() | gone)
        return fact

    def new_role(self, who: Person, role: str) -> Fact:
        """An application gave somebody another role."""
        name, before = f"{who.here} became {role}", who.role
        who.role = role
        data = {"previous_role": before, "role": role, "by": ""}
        fact = self.fact(name, "participant.role_changed", data, participant=who.own())
        changed = {"previous_role": before, "role_change_requested_by": "", "role_changed_at": Time(name)}
        fact.bodies[HMS] = self.hms(name, "role.change.success", who.hms() | changed)
        return fact

    def person(self, who: Person, what: str, data: Json_ | None = None) -> Fact:
        """Something about somebody that only polyroom's own receivers are told."""
        self.count += 1
        return self.fact(f"{who.here} {what} {self.count}", what, data or {}, participant=who.own())

    def track(self, who: Person, source: str, what: str, **data: Any) -> Fact:
        """Something about a track that only polyroom's own receivers are told."""
        self.count += 1
        kind = "audio" if source == "microphone" else "video"
        track = {"id": Uuid(f"{who.here} {source}"), "kind": kind, "source": source, "name": AnyOf((source, ""))}
        name = f"{who.here} {source} {what} {self.count}"
        return self.fact(name, f"track.{what}", data, participant=who.own(), track=track)

    def stream_starts(self, who: Person) -> Fact:
        """What Phenix' receivers are told of somebody's first track."""
        return Fact(f"{who.here} publishes", {PHENIX: self._stream(who, "starting", {})})

    def stream_ends(self, who: Person, reason: str = "") -> Fact:
        """What they are told of somebody's last; without a reason the track ended and its publisher is still there."""
        # From the first packet on, of which there is word a moment later.
        lasted = Lasted(f"{who.here} stream starting", f"{who.here} stream ended", 1000, within=2000)
        ended = {"duration": lasted, "reason": PHENIX_REASONS.get(reason, "server") if reason else "ended"}
        return Fact(f"{who.here} publishes no more", {PHENIX: self._stream(who, "ended", ended)})

    def _stream(self, who: Person, what: str, more: Json_) -> Json_:
        shown = "eu#[A-Za-z0-9]{22}"
        data = {
            "streamId": Text(f"stream of {who.here}", shown),
            "roomId": Text("room at Phenix", "[a-z-]+#.+#.+"),
            "screenName": who.name,
        }
        return {
            "apiVersion": 1,
            "entity": "stream",
            "what": what,
            "data": Json({**data, **more}),
            "sessionId": Text(f"Phenix session of {who.here}", shown),
            "timestamp": Time(f"{who.here} stream {what}"),
        }


@dataclass(frozen=True)
class Place:
    """A number that is judged elsewhere."""

    name: str

    def take(self, actual: Any, known: Json_) -> bool:
        """Any whole number from 1."""
        return type(actual) is int and actual >= 1
