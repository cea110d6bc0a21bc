"""One rendition's files: its index, its init segments and its segments."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from polyroom.wire.live_index import (
    Gone,
    Part,
    Record,
    Run,
    head_name,
    index_name,
    read_records,
    segment_name,
    write_record,
)

_LINES_KEPT = 20_000
_RECENT = 8
"""Segments whose parts stay in an index that is written anew: players may ask for those of the latest."""


@dataclass(slots=True)
class _Known:
    runs: list[tuple[int, Run]] = field(default_factory=list)
    """With the number of the first segment of each."""
    segments: dict[int, list[Part]] = field(default_factory=dict)
    below: int = 0
    lines: int = 0


class RenditionFiles:
    """Goes on with what is there: half a line and half a part that a killed writer left are cut off."""

    def __init__(self, folder: Path, name: str) -> None:
        self._folder, self._name = folder, name
        self._path = folder / index_name(name)
        self._known = _Known()
        self._restore()
        self._index = self._path.open("ab", buffering=0)
        self._next = max(self._known.segments, default=self._known.below - 1) + 1
        self._segment: int | None = None
        self._descriptor = -1
        self._offset = 0

    @property
    def last_run(self) -> int:
        """The number of the run before this one, -1 without one."""
        return max((run.number for _, run in self._known.runs), default=-1)

    @property
    def end(self) -> float:
        """Seconds of the stream that are written."""
        if not self._known.segments or not self._known.runs:
            return 0.0
        part = self._known.segments[max(self._known.segments)][-1]
        return (part.time + part.duration) / self._known.runs[-1][1].scale

    def begin(self, run: Run, head: bytes) -> None:
        """The init segment, then the line that tells of it."""
        path = self._folder / head_name(self._name, run.number)
        part = path.with_suffix(".new")
        part.write_bytes(head)
        part.replace(path)
        self._append(run)

    def add(self, data: bytes, time: int, duration: int, *, key: bool, fresh: bool) -> None:
        """A part, in a segment of its own when `fresh`."""
        if fresh or self._segment is None:
            self._open()
        assert self._segment is not None
        _write_all(self._descriptor, data)
        self._append(Part(self._segment, self._offset, len(data), time, duration, key))
        self._offset += len(data)

    def forget(self, before: int) -> None:
        """Delete segments that end before a time of the rendition's scale; the index is written anew now and then."""
        below = self._known.below
        for number in sorted(self._known.segments):
            last = self._known.segments[number][-1]
            if last.time + last.duration >= before or number == self._segment:
                break
            below = number + 1
        if below == self._known.below:
            return
        self._append(Gone(below))
        for number in [one for one in self._known.segments if one < below]:
            (self._folder / segment_name(self._name, number)).unlink(missing_ok=True)
            del self._known.segments[number]
        self._forget_runs(below)
        if self._known.lines > _LINES_KEPT:
            self._write_anew()

    def close(self) -> None:
        """Let go of the files."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor, self._segment = -1, None
        self._index.close()

    def _open(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._segment, self._offset = self._next, 0
        self._next += 1
        path = self._folder / segment_name(self._name, self._segment)
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)

    def _append(self, record: Record) -> None:
        _write_all(self._index.fileno(), write_record(record))
        self._note(record)

    def _restore(self) -> None:
        if not self._path.exists():
            return
        content = self._path.read_bytes()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            os.truncate(self._path, whole)
        for record in read_records(content[:whole]):
            self._note(record)
        for number in list(self._known.segments):
            if number < self._known.below:
                del self._known.segments[number]

    def _note(self, record: Record) -> None:
        known = self._known
        known.lines += 1
        match record:
            case Run():
                known.runs.append((max(known.segments, default=known.below - 1) + 1, record))
            case Part():
                number, run = known.runs[-1]
                if run.first is None:
                    known.runs[-1] = (number, replace(run, first=record.time))
                known.segments.setdefault(record.segment, []).append(record)
            case Gone(below):
                known.below = below

    def _forget_runs(self, below: int) -> None:
        runs = self._known.runs
        while len(runs) > 1 and runs[1][0] <= below:
            _, run = runs.pop(0)
            (self._folder / head_name(self._name, run.number)).unlink(missing_ok=True)

    def _write_anew(self) -> None:
        """Old segments become one part each. Readers notice that the file is another one."""
        known, lines = self._known, [write_record(Gone(self._known.below))]
        recent = max(known.segments, default=0) - _RECENT
        runs = dict(known.runs)
        for number in sorted(known.segments):
            if number in runs:
                lines.append(write_record(runs.pop(number)))
            elif number == min(known.segments):
                lines.append(write_record(runs.pop(known.runs[0][0])))
            parts = known.segments[number]
            if number < recent and len(parts) > 1:
                first, last = parts[0], parts[-1]
                size, duration = sum(one.size for one in parts), last.time + last.duration - first.time
                parts = known.segments[number] = [Part(number, 0, size, first.time, duration, first.key)]
            lines += map(write_record, parts)
        lines += map(write_record, runs.values())
        new = self._path.with_suffix(".new")
        new.write_bytes(b"".join(lines))
        new.replace(self._path)
        self._index.close()
        self._index = self._path.open("ab", buffering=0)
        known.lines = len(lines)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
