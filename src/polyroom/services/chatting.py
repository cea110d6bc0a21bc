"""Whether the people of a room may write to everybody, and whether to some: its StreamWise features say."""

from polyroom.domain.features import ChatRules, chat_rules
from polyroom.domain.room import Room
from polyroom.services.ports.store import Transaction


def rules_of(tx: Transaction, room: Room) -> ChatRules:
    """What holds in the room now."""
    subscription = tx.accounts.subscription(room.subscription_id)
    return chat_rules(subscription.features if subscription is not None else {}, room.feature_overrides)
