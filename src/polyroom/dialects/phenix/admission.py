"""What an edge token is worth at the door. Source: Phenix' "Using EdgeAuth" and its EdgeAuth libraries."""

from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address, ip_address

from polyroom.dialects.phenix.attributes import with_capabilities
from polyroom.domain.account import Dialect
from polyroom.domain.admission import Grant
from polyroom.domain.roles import phenix_label, phenix_rights
from polyroom.domain.room import Namespace, Room
from polyroom.services.ports.admission import Credential
from polyroom.services.ports.store import Transaction
from polyroom.services.room_names import generated_alias, names_of
from polyroom.wire.edge_tokens import BadEdgeToken, EdgeToken, parse, verify

_MOST = 3
"""Tokens that may be shown as one: a session's, one for viewing, one for publishing."""


class PhenixVerifier:
    """The AdmissionVerifier of this dialect.

    The vendor's clients hold a token for each thing they do. Here they are shown as one, with commas between.
    """

    @property
    def dialect(self) -> Dialect:
        return Dialect.PHENIX

    def find(self, tx: Transaction, room: Room, credential: Credential) -> Grant | None:
        """What edge tokens of the room's application are worth together, if every one of them names this room."""
        texts = (credential.token or "").split(",", _MOST - 1)
        tokens = [token for text in texts if (token := proven(tx, room, text)) is not None]
        if len(tokens) < len(texts) or len({token.application_id for token in tokens}) > 1:
            return None
        if not all(names_room(tx, room, one.required_tag) and _bound_to(one, credential.address) for one in tokens):
            return None
        types = [token.type for token in tokens]
        label = phenix_label(types, room.phenix_type)
        if label is None:
            return None
        capabilities = [word for token in tokens if token.type == "publish" for word in token.capabilities]
        return Grant(
            dialect=Dialect.PHENIX,
            label=label,
            room_id=room.id,
            key=tokens[0].application_id,
            expires_at=min(token.expires_at for token in tokens),
            attributes=with_capabilities(capabilities),
            rights=phenix_rights(types),
        )

    def public(self, tx: Transaction, room: Room) -> Grant | None:
        """Nothing: without a token nobody enters."""
        return None


def proven(tx: Transaction, room: Room, text: str) -> EdgeToken | None:
    """A token that the room's account signed; when it ends is not looked at."""
    try:
        envelope = parse(text)
        key = tx.accounts.key_by_public_id(Dialect.PHENIX, envelope.application_id)
        token = verify(envelope, key.secret if key else None)
    except BadEdgeToken:
        return None
    return token if key and key.account_id == room.account_id else None


def names_room(tx: Transaction, room: Room, tag: str | None) -> bool:
    """Whether the tag names this room: a token that names none opens none."""
    kind, colon, value = (tag or "").partition(":")
    shown = _SHOWN.get(kind)
    return bool(colon) and shown is not None and value == shown(tx, room)


def _alias(tx: Transaction, room: Room) -> str:
    return names_of(tx, [room.id])[room.id].get(Namespace.PHENIX_ALIAS) or generated_alias(room)


def _id(tx: Transaction, room: Room) -> str:
    return room.phenix_id


_SHOWN: dict[str, Callable[[Transaction, Room], str]] = {
    "roomId": _id,
    "channelId": _id,
    "roomAlias": _alias,
    "channelAlias": _alias,
}


def _bound_to(token: EdgeToken, address: str) -> bool:
    """Whether what the token is bound to is so; what cannot be told here is not.

    A session begins only behind this door, and whoever is inside sees every stream: neither can be promised.
    """
    if token.session_id is not None or token.origin_stream_id is not None:
        return False
    return token.remote_address is None or _same_address(token.remote_address, address)


def _same_address(one: str, other: str) -> bool:
    try:
        return _plain(one) == _plain(other)
    except ValueError:
        return False


def _plain(text: str) -> IPv4Address | IPv6Address:
    address = ip_address(text)
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address
