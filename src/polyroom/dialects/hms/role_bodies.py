"""Bodies of roles. Source: Create template, "roles object" and its siblings."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from polyroom.dialects.common.schemas import RequestBody
from polyroom.dialects.hms.parts import Part, RoleName, Whole, within
from polyroom.dialects.hms.values import MOST, Flag, refusal

MOST_ROLES = 100
_RIDS = "fhq"


Allowed = Literal["audio", "video", "screen", "simulcast"]


def _all_tracks() -> list[Allowed]:
    return ["audio", "video", "screen"]


def _whole_if_it_is(value: float) -> float:
    return int(value) if value == int(value) else value


Codec = Annotated[str, StringConstraints(strict=True, min_length=1, max_length=32)]
Scale = Annotated[float, Field(strict=True, ge=1, le=12), AfterValidator(_whole_if_it_is)]


class AudioParams(Part):
    """How a microphone is published."""

    bit_rate: Annotated[Whole, within(16, 128)] = 32
    codec: Codec = "opus"


class VideoParams(Part):
    """How a camera is published."""

    bit_rate: Annotated[Whole, within(30, 2000)] = 256
    codec: Codec = "vp8"
    frame_rate: Annotated[Whole, within(1, 30)] = 25
    width: Annotated[Whole, within(50, 1920)] = 320
    height: Annotated[Whole, within(50, 1080)] = 180


class ScreenParams(Part):
    """How a screen is published."""

    bit_rate: Annotated[Whole, within(500, MOST)] = 1024
    codec: Codec = "vp8"
    frame_rate: Annotated[Whole, within(1, 30)] = 10
    width: Annotated[Whole, within(480, 1920)] = 1280
    height: Annotated[Whole, within(270, 1080)] = 720


class Layer(Part):
    """One of a track's qualities."""

    rid: Literal["f", "h", "q"]
    scale_resolution_down_by: Scale
    max_bitrate: Annotated[Whole, within(0, 2000)] = 0
    max_framerate: Annotated[Whole, within(1, 30)] = 30


class Layers(Part):
    """A track's qualities, best first."""

    layers: Annotated[list[Layer], Field(max_length=3)] | None = None

    @model_validator(mode="after")
    def _go_down(self) -> "Layers":
        rids = [_RIDS.index(one.rid) for one in self.layers or ()]
        scales = [one.scale_resolution_down_by for one in self.layers or ()]
        if rids != sorted(set(rids)) or scales != sorted(set(scales)):
            raise refusal("must go down from rid f to q, each smaller than the one before")
        return self


class Simulcast(Part):
    """The qualities of camera and screen."""

    video: Layers = Field(default_factory=Layers)
    screen: Layers = Field(default_factory=Layers)


class PublishParams(Part):
    """What the role publishes, and how."""

    allowed: Annotated[list[Allowed], Field(max_length=16)] = Field(default_factory=_all_tracks)
    audio: AudioParams = Field(default_factory=AudioParams)
    video: VideoParams = Field(default_factory=VideoParams)
    screen: ScreenParams = Field(default_factory=ScreenParams)
    simulcast: Simulcast = Field(default_factory=Simulcast)


class SubscribeDegradation(Part):
    """When a client should ask for less."""

    packet_loss_threshold: Annotated[Whole, within(1, 100)] = 50
    degrade_grace_period_seconds: Annotated[Whole, within(1, 10)] = 1
    recover_grace_period_seconds: Annotated[Whole, within(1, 10)] = 4


class SubscribeParams(Part):
    """Whose tracks the role receives; without `subscribeToRoles` everyone's."""

    subscribe_to_roles: Annotated[list[RoleName], Field(max_length=MOST_ROLES)] | None = None
    max_subs_bit_rate: Annotated[Whole, within(0, MOST)] = 3200
    subscribe_degradation: SubscribeDegradation = Field(default_factory=SubscribeDegradation)


class RolePermissions(Part):
    """What the role may do."""

    end_room: Flag = False
    remove_others: Flag = False
    mute: Flag = False
    unmute: Flag = False
    change_role: Flag = False
    send_room_state: Flag = False
    poll_read: Flag = False
    poll_write: Flag = False
    browser_recording: Flag = True
    rtmp_streaming: Flag = True
    hls_streaming: Flag = True
    send_message: Flag = True


class RoleBody(Part, RequestBody):
    """A role; what is absent is as it is by default."""

    name: RoleName | None = None
    publish_params: PublishParams = Field(default_factory=PublishParams)
    subscribe_params: SubscribeParams = Field(default_factory=SubscribeParams)
    permissions: RolePermissions = Field(default_factory=RolePermissions)
    priority: Annotated[Whole, within(1, 5)] = 5
    max_peer_count: Annotated[int, Field(strict=True, ge=-1, le=MOST)] = 0
