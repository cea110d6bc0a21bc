// Where things of a session lie between its beginning and its end. Places are in percent of the width.
import type { Person, RoomEvent, Track } from './types';
import { type Tone, toneOf } from './words';

export interface Bar {
  left: number;
  width: number;
}

export interface TrackBar extends Bar {
  muted: boolean;
}

export interface Lane {
  source: string;
  bars: TrackBar[];
}

export interface Mark {
  at: number;
  place: number;
  tone: Tone;
  event: RoomEvent;
}

export interface Row {
  person: Person;
  presence: Bar;
  lanes: Lane[];
  marks: Mark[];
}

export interface Tick {
  at: number;
  place: number;
}

const LANES = ['microphone', 'camera', 'screen_share', 'screen_share_audio'];
const MARKED = /^(participant\.(role_changed|muted|unmuted)|message\.|poll|recording|error)/;

export function placeOf(at: number, from: number, to: number): number {
  const share = to > from ? (at - from) / (to - from) : 0;
  return Math.min(100, Math.max(0, share * 100));
}

function bar(start: number, end: number, from: number, to: number): Bar {
  const left = placeOf(start, from, to);
  return { left, width: Math.max(0, placeOf(end, from, to) - left) };
}

/** When a track was heard or seen, and when it was muted, in stretches that meet. */
export function stretches(track: Track, events: RoomEvent[], to: number): [number, number, boolean][] {
  const own = events.filter((one) => one.track_id === track.id).sort((a, b) => a.sequence - b.sequence);
  const turns = own
    .filter((one) => one.type === 'track.muted' || one.type === 'track.unmuted')
    .map((one): [number, boolean] => [one.at, one.type === 'track.muted']);
  const added = own.find((one) => one.type === 'track.added')?.data['muted'];
  let muted = typeof added === 'boolean' ? added : turns[0] ? !turns[0][1] : track.muted;
  const end = Math.max(track.ended_at ?? to, track.started_at);
  const found: [number, number, boolean][] = [];
  let since = track.started_at;
  for (const [at, next] of turns) {
    const until = Math.min(Math.max(at, since), end);
    if (next !== muted && until > since) found.push([since, until, muted]);
    if (next !== muted) since = until;
    muted = next;
  }
  if (end > since || found.length === 0) found.push([since, end, muted]);
  return found;
}

/** A row for each person; `events` may be those of everybody, in any order. */
export function rowsOf(people: Person[], events: RoomEvent[], from: number, to: number): Row[] {
  const byPerson = new Map<string, RoomEvent[]>();
  for (const event of events) {
    if (!event.participant_id) continue;
    const known = byPerson.get(event.participant_id);
    if (known) known.push(event);
    else byPerson.set(event.participant_id, [event]);
  }
  return people.map((person) => {
    const own = byPerson.get(person.id) ?? [];
    return {
      person,
      presence: bar(person.joined_at, person.left_at ?? to, from, to),
      lanes: lanesOf(person, own, from, to),
      marks: own
        .filter((event) => MARKED.test(event.type))
        .map((event) => ({
          at: event.at,
          place: placeOf(event.at, from, to),
          tone: toneOf(event.type),
          event,
        })),
    };
  });
}

function lanesOf(person: Person, events: RoomEvent[], from: number, to: number): Lane[] {
  const end = person.left_at ?? to;
  const sources = [...new Set(person.tracks.map((one) => one.source))];
  sources.sort((a, b) => (LANES.indexOf(a) + 1 || 99) - (LANES.indexOf(b) + 1 || 99));
  return sources.map((source) => ({
    source,
    bars: person.tracks
      .filter((one) => one.source === source)
      .flatMap((one) => stretches(one, events, end))
      .map(([start, until, muted]) => ({ ...bar(start, until, from, to), muted })),
  }));
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const STEPS = [
  ...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
  ...[1, 2, 3, 6, 12, 24, 48, 168].map((n) => n * HOUR),
];

/** At most so many marks of an axis, at round times of the zone that is `offset` minutes west of UTC. */
export function ticksOf(from: number, to: number, most: number, offset: number): Tick[] {
  const step = STEPS.find((one) => (to - from) / one <= most) ?? (STEPS.at(-1) as number);
  const shift = offset * MINUTE;
  const found: Tick[] = [];
  for (let at = Math.ceil((from - shift) / step) * step + shift; at <= to; at += step) {
    found.push({ at, place: placeOf(at, from, to) });
    if (found.length > 200) break;
  }
  return found;
}
