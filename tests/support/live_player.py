"""Plays a live stream as a player does: the manifest, its playlists, their segments; what came is decoded."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import httpx
import m3u8

from tests.support.tapped import Watched


@dataclass
class Stretch:
    """What lies between two discontinuities: an init segment, the segments after it, and when the first began."""

    init: str
    segments: list[str] = field(default_factory=list)
    seconds: float = 0.0


class LivePlayer:
    """One stream by the address its API gave."""

    def __init__(self, url: str, folder: Path) -> None:
        self._url, self._folder = url, folder
        self._http = httpx.Client(timeout=20)
        self._files = 0

    def renditions(self) -> dict[str, str]:
        """Playlists by their names; empty while there is none."""
        answer = self._http.get(self._url)
        if answer.status_code != 200:
            return {}
        found = m3u8.loads(answer.text)
        names = [one.uri for one in found.playlists] + [one.uri for one in found.media if one.uri]
        return {name.split("live-")[-1].split(".")[0]: urljoin(self._url, name) for name in names}

    def text(self, rendition: str) -> str:
        """A playlist as it is now."""
        answer = self._http.get(self.renditions()[rendition])
        assert answer.status_code == 200, answer.text
        return answer.text

    def stretches(self, rendition: str) -> list[Stretch]:
        """The whole segments there are now."""
        url = self.renditions().get(rendition)
        if url is None:
            return []
        found: list[Stretch] = []
        for one in m3u8.loads(self._http.get(url).text).segments:
            if one.uri is None or one.init_section is None:
                continue
            init = urljoin(url, one.init_section.uri)
            if not found or one.discontinuity or found[-1].init != init:
                found.append(Stretch(init))
            found[-1].segments.append(urljoin(url, one.uri))
            found[-1].seconds += one.duration
        return found

    def seconds(self, rendition: str) -> float:
        """How long all of it is."""
        return sum(one.seconds for one in self.stretches(rendition))

    def watched(self, stretch: Stretch) -> Watched:
        """A stretch decoded; its first picture or sound is at 0."""
        self._files += 1
        whole = self._folder / f"stretch-{self._files}.mp4"
        with whole.open("wb") as file:
            for url in (stretch.init, *stretch.segments):
                answer = self._http.get(url)
                assert answer.status_code == 200, (url, answer.text)
                file.write(answer.content)
        found = Watched(whole)
        if found.pictures:
            begin = found.pictures[0][0]
            found.pictures = [(at - begin, picture) for at, picture in found.pictures]
        return found

    def close(self) -> None:
        """Let go."""
        self._http.close()
