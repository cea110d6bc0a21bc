"""What the type of an edge token makes of its bearer."""

import pytest

from polyroom.domain.roles import DEFAULT_ROLES, phenix_label, role_for
from polyroom.domain.room import PhenixType

SHOWS = {PhenixType.TOWN_HALL, PhenixType.MODERATED_CHAT, PhenixType.CHANNEL}


@pytest.mark.parametrize("room_type", PhenixType)
def test_viewing_tokens_watch_and_publishing_ones_publish(room_type: PhenixType) -> None:
    assert {phenix_label(None, room_type), phenix_label("stream", room_type)} == {"Audience"}
    assert phenix_label("publish", room_type) == ("Presenter" if room_type in SHOWS else "Participant")
    assert phenix_label("auth", room_type) is phenix_label("", room_type) is phenix_label("x", room_type) is None


@pytest.mark.parametrize(("label", "publishes"), [("Audience", False), ("Participant", True), ("Presenter", True)])
def test_every_label_has_a_role(label: str, publishes: bool) -> None:
    role = role_for("phenix", label, room_is_meeting=True, roles=DEFAULT_ROLES)
    assert role is not None
    assert bool(role.publish) is publishes
