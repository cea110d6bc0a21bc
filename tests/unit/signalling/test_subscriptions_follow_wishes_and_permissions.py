from collections.abc import Sequence
from uuid import UUID

from livekit.protocol import rtc
from tests.unit.signalling.people import participant, track

from polyroom.signalling.livekit.permissions import everyone, rule
from polyroom.signalling.livekit.sids import participant_sid, track_sid
from polyroom.signalling.livekit.subscribing import Subscriptions

ADA, BO = participant("ada"), participant("bo")


class Media:
    """Notes what is asked of the media connection."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, tuple[UUID, ...]]] = []

    def subscribe(self, tracks: Sequence[tuple[UUID, str, str]]) -> None:
        self.calls.append(("subscribe", tuple(one[0] for one in tracks)))

    def unsubscribe(self, tracks: Sequence[UUID]) -> None:
        self.calls.append(("unsubscribe", tuple(tracks)))

    def negotiate(self) -> None:
        self.calls.append(("negotiate", ()))

    def set_paused(self, track_id: UUID, paused: bool) -> None:
        self.calls.append(("pause" if paused else "resume", (track_id,)))


def started(automatic: bool = True) -> tuple[Media, Subscriptions]:
    media = Media()
    return media, Subscriptions(media, automatic=automatic)  # type: ignore[arg-type]


def test_the_first_offer_carries_what_is_there() -> None:
    media, subscriptions = started()
    one = track(ADA)
    subscriptions.start([one])
    assert media.calls == [("subscribe", (one.id,)), ("negotiate", ())]


def test_an_early_wish_is_remembered() -> None:
    media, subscriptions = started(automatic=False)
    subscriptions.start([])
    one, other = track(ADA), track(ADA)
    subscriptions.ask([one.id], True)
    subscriptions.added(one)
    subscriptions.added(other)
    assert media.calls[1:] == [("subscribe", (one.id,))]


def test_a_track_named_twice_is_subscribed_once() -> None:
    media, subscriptions = started(automatic=False)
    one = track(ADA)
    subscriptions.start([one])
    subscriptions.ask([one.id, one.id], True)
    subscriptions.ask([one.id], True)
    assert media.calls.count(("subscribe", (one.id,))) == 1


def test_unsubscribing_lasts_and_can_be_taken_back() -> None:
    media, subscriptions = started()
    one = track(ADA)
    subscriptions.start([one])
    subscriptions.ask([one.id], False)
    subscriptions.added(one)
    subscriptions.ask([one.id], True)
    assert [name for name, _ in media.calls] == ["subscribe", "negotiate", "unsubscribe", "subscribe"]


def test_whoever_leaves_takes_the_tracks_along() -> None:
    media, subscriptions = started()
    one = track(ADA)
    subscriptions.start([one])
    subscriptions.left(ADA.id)
    subscriptions.ask([one.id], True)
    assert [name for name, _ in media.calls] == ["subscribe", "negotiate"]


def test_permissions_by_identity_by_sid_and_by_track() -> None:
    one, other = track(ADA), track(ADA)
    by_identity = rule(
        rtc.SubscriptionPermission(track_permissions=[rtc.TrackPermission(participant_identity="bo", all_tracks=True)])
    )
    by_sid = rule(
        rtc.SubscriptionPermission(
            track_permissions=[
                rtc.TrackPermission(participant_sid=participant_sid(BO.id), track_sids=[track_sid(one.id)])
            ]
        )
    )
    assert by_identity(BO, one.id)
    assert not by_identity(participant("cy"), one.id)
    assert by_sid(BO, one.id)
    assert not by_sid(BO, other.id)
    assert everyone(BO, one.id)
    assert rule(rtc.SubscriptionPermission(all_participants=True))(BO, one.id)
