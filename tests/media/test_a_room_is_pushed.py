"""A worker that pushes to several RTMP servers at once: what one of them suffers, the others do not."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import pytest
from tests.support.rtmp import RtmpReceiver, make_certificate, rtmp_receiver, tls_front
from tests.support.server import free_port
from tests.support.tapped import Picture, Room, Tone, Watched

from polyroom.egress.jobs import Job, Person, Push, Stop, Track, Unpush

PATIENCE = 60.0
BRIGHT = 180
"""What the walking square of a picture is above, and nothing else in it."""


@pytest.fixture
def servers(tmp_path: Path) -> Iterator[tuple[RtmpReceiver, RtmpReceiver]]:
    with rtmp_receiver(tmp_path / "one") as one, rtmp_receiver(tmp_path / "two") as two:
        yield one, two


class Pushed:
    """A room that is pushed, and what is told of its targets."""

    def __init__(self, folder: Path) -> None:
        self.made = folder / "made"
        self.room = Room()
        self.states: dict[str, list[dict[str, Any]]] = {}
        self.room.pictures.append(Picture(1, (90, 80, 160)))
        self.room.tones.append(Tone(2, 440))

    def begin(self, **targets: str) -> None:
        """Somebody with a picture and a tone, sent to all targets."""
        job = Job(str(self.made), width=320, height=180, rate=15, bitrate=500_000, cut=200_000, segment=1_000_000)
        self.room.order(job, Person("ada", "Ada"))
        self.room.order(Track(1, "ada", "video", "camera", False), Track(2, "ada", "audio", "microphone", False))
        self.room.order(*(Push(name, url, private=True) for name, url in targets.items()))

    def play(self, seconds: float) -> None:
        """Go on for so long."""
        self.room.play(seconds)
        self.hear()

    def play_until(self, done: Callable[[], bool]) -> None:
        """Go on until something is so."""
        end = time.monotonic() + PATIENCE
        while not done():
            assert time.monotonic() < end, self.states
            self.play(0.2)

    def hear(self) -> None:
        """Take what the worker said."""
        self.room.hear()
        self._sort()

    def _sort(self) -> None:
        for one in [news for news in self.room.news if news["is"] == "pushed"]:
            self.room.news.remove(one)
            self.states.setdefault(str(one["target"]), []).append(one)

    def now(self, target: str) -> str:
        """How it fares."""
        return str(self.states[target][-1]["state"]) if target in self.states else ""

    def said(self, target: str) -> set[str]:
        """What was said to be wrong with it."""
        return {str(one["why"]) for one in self.states.get(target, ()) if one["why"]}

    def lives(self, target: str) -> int:
        """How often it began to take the stream."""
        states = [str(one["state"]) for one in self.states.get(target, ())]
        return sum(b == "live" and a != "live" for a, b in pairwise(["", *states]))

    def end(self) -> None:
        """Finish all."""
        self.room.order(Stop())
        self.room.close()
        self._sort()


def packets(path: Path, kind: str) -> list[tuple[bytes, bool]]:
    """Every encoded picture or sound in a file, and whether it is a keyframe."""
    with av.open(str(path)) as file:
        streams = [one for one in file.streams if one.type == kind]
        return [(bytes(one), one.is_keyframe) for one in file.demux(*streams) if one.size]


def check(path: Path, made: Path, *, least: float) -> None:
    """It has a stretch of all that the worker made, without a gap, from a keyframe on; and that is no empty picture."""
    for kind, rate in (("video", 15), ("audio", 48_000 / 1024)):
        all_of_it, got = packets(made, kind), packets(path, kind)
        assert got[0][1], "begins with a keyframe"
        assert len(got) > least * rate
        # Sounds of a tone, and of nothing, repeat.
        begins = [at for at, one in enumerate(all_of_it) if one == got[0]]
        whole = [all_of_it[begin : begin + len(got)] == got for begin in begins]
        assert any(whole), f"something is left out of the {kind}"
    watched = Watched(path)
    end = watched.pictures[-1][0]
    assert len({picture[:180].tobytes() for _, picture in watched.pictures}) > least * 5, "not frozen"
    assert watched.picture_at(end / 2)[:180].max() > BRIGHT, "not black"
    assert watched.loudness(440, 0.2, end - 0.2) > 0.05, "not silent"


def test_a_dead_target_does_not_hurt_the_others_and_is_reached_again(
    servers: tuple[RtmpReceiver, RtmpReceiver], tmp_path: Path
) -> None:
    one, two = servers
    pushed = Pushed(tmp_path)
    pushed.begin(
        one=one.url("first"),
        two=two.url("second"),
        nobody=f"rtmp://127.0.0.1:{free_port()}/live/third",
        unknown="rtmp://nowhere.invalid/live/fourth",
    )
    pushed.play_until(lambda: pushed.now("one") == pushed.now("two") == "live")
    pushed.play(2.0)
    two.kill()
    pushed.play_until(lambda: pushed.now("two") == "reconnecting")
    assert pushed.said("two") <= {"it ended the connection", "nobody listens there"}
    two.start()
    pushed.play_until(lambda: pushed.lives("two") == 2)
    pushed.play(2.0)
    pushed.play_until(lambda: bool(pushed.said("unknown")))
    pushed.room.order(Unpush("two"))
    pushed.play_until(lambda: pushed.now("two") == "stopped")
    pushed.end()
    assert pushed.said("nobody") == {"nobody listens there"}
    assert pushed.said("unknown") == {"its name is not known"}
    assert pushed.now("one") == "stopped" and pushed.lives("one") == 1 and not pushed.said("one")
    assert pushed.states["two"][-1]["retries"] >= 1
    (whole,) = one.files("first")
    check(whole, pushed.made, least=4.0)
    before, after = two.files("second")
    check(before, pushed.made, least=1.0)
    check(after, pushed.made, least=1.0)
    with_keys = [str(news) for told in pushed.states.values() for news in told]
    assert not any(key in news for key in ("first", "second", "third", "fourth") for news in with_keys)


def test_a_certificate_nobody_vouches_for_is_refused_and_a_trusted_one_taken(
    servers: tuple[RtmpReceiver, RtmpReceiver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = servers
    trusted, other = make_certificate(tmp_path, "trusted"), make_certificate(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted[0]))
    pushed = Pushed(tmp_path)
    with tls_front(*trusted, one.port) as good, tls_front(*other, one.port) as bad:
        pushed.begin(
            good=f"rtmps://127.0.0.1:{good}/live/good",
            bad=f"rtmps://127.0.0.1:{bad}/live/bad",
        )
        pushed.play_until(lambda: pushed.now("good") == "live" and bool(pushed.said("bad")))
        pushed.play(2.0)
        pushed.end()
    assert all(why.startswith("its certificate is not trusted") for why in pushed.said("bad"))
    (whole,) = one.files("good")
    check(whole, pushed.made, least=1.0)
    assert not one.files("bad")


def test_a_private_address_is_not_contacted_unless_allowed(
    servers: tuple[RtmpReceiver, RtmpReceiver], tmp_path: Path
) -> None:
    one, _ = servers
    pushed = Pushed(tmp_path)
    pushed.begin()
    pushed.room.order(Push("here", one.url("here"), private=False))
    pushed.play_until(lambda: pushed.now("here") == "failed")
    assert pushed.said("here") == {"its address is a private one, which this server does not contact"}
    pushed.play(0.5)
    pushed.end()
    assert pushed.now("here") == "failed" and not one.files("here")
