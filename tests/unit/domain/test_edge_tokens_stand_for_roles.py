"""What the type of an edge token makes of its bearer."""

import pytest

from polyroom.domain.roles import DEFAULT_ROLES, EVERY_RIGHT, Right, phenix_label, phenix_rights, role_for
from polyroom.domain.room import PhenixType

SHOWS = {PhenixType.TOWN_HALL, PhenixType.MODERATED_CHAT, PhenixType.CHANNEL}


@pytest.mark.parametrize("room_type", PhenixType)
def test_viewing_tokens_watch_and_publishing_ones_publish(room_type: PhenixType) -> None:
    assert {phenix_label([one], room_type) for one in (None, "stream")} == {"Audience"}
    publisher = "Presenter" if room_type in SHOWS else "Participant"
    assert {phenix_label(["publish", *more], room_type) for more in ([], [None], ["auth"])} == {publisher}
    assert {phenix_label([one], room_type) for one in ("auth", "", "x", "Publish")} == {None}


def test_who_only_publishes_does_not_view() -> None:
    for types in (["publish"], ["publish", "auth"]):
        assert phenix_rights(types) == EVERY_RIGHT - {Right.SUBSCRIBE}
    for types in ([None], ["stream"], ["publish", None], ["stream", "publish"]):
        assert phenix_rights(types) == EVERY_RIGHT


@pytest.mark.parametrize(("label", "publishes"), [("Audience", False), ("Participant", True), ("Presenter", True)])
def test_every_label_has_a_role(label: str, publishes: bool) -> None:
    role = role_for("phenix", label, room_is_meeting=True, roles=DEFAULT_ROLES)
    assert role is not None
    assert bool(role.publish) is publishes
