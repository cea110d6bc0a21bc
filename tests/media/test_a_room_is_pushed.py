"""A worker that pushes to several RTMP servers at once: what one of them suffers, the others do not."""

import time
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.support.rtmp import RtmpReceiver, make_certificate, rtmp_receiver, silence, tls_front
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

    def __init__(self) -> None:
        self.room = Room()
        self.states: dict[str, list[dict[str, Any]]] = {}
        self.room.pictures.append(Picture(1, (90, 80, 160)))
        self.room.tones.append(Tone(2, 440))

    def begin(self, **targets: str) -> None:
        """Somebody with a picture and a tone, sent to all targets."""
        job = Job(width=320, height=180, rate=15, bitrate=500_000, cut=200_000, segment=1_000_000)
        self.room.order(job, Person("ada", "Ada"))
        self.room.order(Track(1, "ada", "video", "camera", False), Track(2, "ada", "audio", "microphone", False))
        self.room.order(*(Push(name, url, private=True) for name, url in targets.items()))

    def play_until(self, done: Callable[[], bool], at_least: float = 0.0) -> None:
        """Go on until something is so."""
        end = time.monotonic() + PATIENCE
        self.room.play(at_least)
        self.hear()
        while not done():
            assert time.monotonic() < end, self.states
            self.room.play(0.2)
            self.hear()

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


def check(path: Path, *, least: float) -> None:
    """It is as long, and whole: moving, with its tone, without a gap."""
    watched = Watched(path)
    times = [at for at, _ in watched.pictures]
    assert times[-1] - times[0] > least
    assert max(b - a for a, b in pairwise(times)) < 0.5, "no gap"
    assert watched.longest_freeze() < 0.5
    assert all(picture[:180].max() > BRIGHT for _, picture in watched.pictures[5:]), "not black"
    assert watched.loudness(440, times[0] + 0.5, times[-1] - 0.5) > 0.05, "not silent"
    quiet = np.abs(watched.sound[int((times[0] + 0.5) * 48_000) : int((times[-1] - 0.5) * 48_000)])
    assert quiet.reshape(-1)[: len(quiet) // 9600 * 9600].reshape(-1, 9600).max(axis=1).min() > 0.02, "no hole in it"


def test_a_dead_target_does_not_hurt_the_others_and_is_reached_again(
    servers: tuple[RtmpReceiver, RtmpReceiver],
) -> None:
    one, two = servers
    pushed = Pushed()
    with silence() as quiet:
        pushed.begin(
            one=one.url("first"),
            two=two.url("second"),
            nobody=f"rtmp://127.0.0.1:{free_port()}/live/third",
            quiet=f"rtmp://127.0.0.1:{quiet}/live/fourth",
            unknown="rtmp://nowhere.invalid/live/fifth",
        )
        pushed.play_until(lambda: pushed.now("one") == pushed.now("two") == "live", 2.5)
        two.kill()
        pushed.play_until(lambda: pushed.now("two") == "reconnecting")
        assert pushed.said("two") <= {"it ended the connection", "nobody listens there"}
        two.start()
        pushed.play_until(lambda: pushed.lives("two") == 2)
        pushed.play_until(lambda: bool(pushed.said("quiet")), 2.0)
        pushed.room.order(Unpush("two"))
        pushed.play_until(lambda: pushed.now("two") == "stopped", 1.0)
        pushed.end()
    assert pushed.said("nobody") == {"nobody listens there"}
    assert pushed.said("quiet") == {"it does not answer as an RTMP server does"}
    assert pushed.said("unknown") == {"its name is not known"}
    assert pushed.now("one") == "stopped" and pushed.lives("one") == 1 and not pushed.said("one")
    assert pushed.states["two"][-1]["retries"] >= 1
    (whole,) = one.files("first")
    check(whole, least=6.0)
    before, after = two.files("second")
    check(before, least=1.0)
    check(after, least=1.5)
    with_keys = [str(news) for told in pushed.states.values() for news in told]
    assert not any(key in news for key in ("first", "second", "third", "fourth", "fifth") for news in with_keys)


def test_a_certificate_nobody_vouches_for_is_refused_and_a_trusted_one_taken(
    servers: tuple[RtmpReceiver, RtmpReceiver], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = servers
    trusted, other = make_certificate(tmp_path, "trusted"), make_certificate(tmp_path, "other")
    monkeypatch.setenv("SSL_CERT_FILE", str(trusted[0]))
    pushed = Pushed()
    with tls_front(*trusted, one.port) as good, tls_front(*other, one.port) as bad:
        pushed.begin(
            good=f"rtmps://127.0.0.1:{good}/live/good",
            bad=f"rtmps://127.0.0.1:{bad}/live/bad",
            plain=f"rtmps://127.0.0.1:{one.port}/live/plain",
        )
        pushed.play_until(lambda: pushed.now("good") == "live" and bool(pushed.said("bad")), 2.0)
        pushed.play_until(lambda: bool(pushed.said("plain")))
        pushed.end()
    assert all(why.startswith("its certificate is not trusted") for why in pushed.said("bad"))
    assert pushed.said("plain") <= {"it does not speak TLS", "it cannot be reached", "it does not answer"}
    (whole,) = one.files("good")
    check(whole, least=1.0)
    assert not one.files("bad") and not one.files("plain")


def test_a_private_address_is_not_contacted_unless_allowed(servers: tuple[RtmpReceiver, RtmpReceiver]) -> None:
    one, _ = servers
    pushed = Pushed()
    pushed.begin()
    pushed.room.order(Push("here", one.url("here"), private=False))
    pushed.play_until(lambda: pushed.now("here") == "failed")
    assert pushed.said("here") == {"its address is a private one, which this server does not contact"}
    pushed.play_until(lambda: True, 1.0)
    pushed.end()
    assert pushed.now("here") == "failed" and not one.files("here")
