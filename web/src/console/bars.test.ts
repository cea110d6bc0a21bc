import { describe, expect, it } from 'vitest';
import { rowsOf, stretches, ticksOf } from './bars';
import type { Person, RoomEvent, Track } from './types';
import { sentenceOf, toneOf } from './words';

const track = (more: Partial<Track> = {}): Track => ({
  id: 't',
  kind: 'audio',
  source: 'microphone',
  mime: 'audio/opus',
  muted: false,
  started_at: 100,
  ended_at: 200,
  ...more,
});
let sequence = 0;
const event = (type: string, at: number, more: Partial<RoomEvent> = {}): RoomEvent => {
  sequence += 1;
  const known = { participant_id: 'p', name: 'Ada', track_id: 't', source: 'microphone', data: {} };
  return { id: `e${sequence}`, type, at, sequence, ...known, ...more };
};
const person = (more: Partial<Person> = {}): Person => ({
  id: 'p',
  name: 'Ada',
  identity: 'ada',
  user_id: '',
  dialect: 'livekit',
  label: 'host',
  role: 'host',
  joined_at: 0,
  left_at: 500,
  leave_reason: 'left',
  held: false,
  tracks: [],
  ...more,
});

describe('a track', () => {
  it('is one stretch while nobody mutes it', () => {
    expect(stretches(track(), [], 1000)).toEqual([[100, 200, false]]);
    expect(stretches(track({ ended_at: null, muted: true }), [], 1000)).toEqual([[100, 1000, true]]);
  });
  it('is cut where it was muted, whatever order its events come in', () => {
    const muted = event('track.muted', 120);
    const unmuted = event('track.unmuted', 150);
    expect(stretches(track(), [unmuted, muted], 1000)).toEqual([
      [100, 120, false],
      [120, 150, true],
      [150, 200, false],
    ]);
  });
  it('begins muted if it was published so', () => {
    const added = event('track.added', 100, { data: { muted: true } });
    const unmuted = event('track.unmuted', 140);
    expect(stretches(track(), [added, unmuted], 1000)).toEqual([
      [100, 140, true],
      [140, 200, false],
    ]);
  });
  it('is not cut by a mute that was none, by others, or by what came after its end', () => {
    const others = event('track.muted', 120, { track_id: 'x' });
    const again = event('track.unmuted', 130);
    const added = event('track.added', 100, { data: { muted: false } });
    const late = event('track.muted', 900);
    expect(stretches(track(), [others, added, again, late], 1000)).toEqual([[100, 200, false]]);
  });
});

describe('the timeline', () => {
  it('places people, tracks and marks between the beginning and the end', () => {
    const ada = person({ tracks: [track({ source: 'camera', id: 'c' }), track()] });
    const role = event('participant.role_changed', 250);
    const [row] = rowsOf([ada], [event('participant.joined', 0), role], 0, 1000);
    expect(row?.presence).toEqual({ left: 0, width: 50 });
    expect(row?.lanes.map((lane) => lane.source)).toEqual(['microphone', 'camera']);
    expect(row?.lanes[0]?.bars).toEqual([{ left: 10, width: 10, muted: false }]);
    expect(row?.marks.map((mark) => [mark.place, mark.tone])).toEqual([[25, 'change']]);
  });
  it('leaves nobody outside, whatever the clocks say', () => {
    const [row] = rowsOf([person({ joined_at: -50, left_at: null })], [], 0, 100);
    expect(row?.presence).toEqual({ left: 0, width: 100 });
    expect(rowsOf([person()], [], 5, 5)[0]?.presence).toEqual({ left: 0, width: 0 });
  });
  it('has few marks at round times of the zone', () => {
    const hour = 3_600_000;
    const day = ticksOf(0, 24 * hour, 6, -330);
    expect(day.length).toBeLessThanOrEqual(6);
    expect(day.map((tick) => (tick.at + 330 * 60_000) % (6 * hour))).toEqual(day.map(() => 0));
    expect(ticksOf(1000, 4000, 6, 0).map((tick) => tick.at)).toEqual([1000, 2000, 3000, 4000]);
  });
});

describe('events in words', () => {
  it('say who did what', () => {
    expect(sentenceOf(event('participant.left', 1, { data: { reason: 'vanished' } }))).toBe(
      'Ada went out (connection lost)',
    );
    expect(sentenceOf(event('track.added', 1, { source: 'screen_share' }))).toBe(
      'Ada switched the screen on',
    );
    expect(sentenceOf(event('track.muted', 1, { name: null }))).toBe('Somebody muted the microphone');
    const data = { role: 'guest', previous_role: 'host' };
    expect(sentenceOf(event('participant.role_changed', 1, { data }))).toBe('Ada is guest now, was host');
    expect(sentenceOf(event('participant.role_changed', 1))).toBe('Ada got another role');
    const why = { data: { reason: 'everybody_left' } };
    expect(sentenceOf(event('recording.stopped', 1, why))).toBe('The recording ended (everybody left)');
    expect(toneOf('recording.failed')).toBe('trouble');
  });
  it('are shown although this page does not know them', () => {
    expect(sentenceOf(event('poll.vote_cast', 1))).toBe('Ada: poll vote cast');
    expect(toneOf('poll.vote_cast')).toBe('say');
    expect(toneOf('recording.error')).toBe('trouble');
  });
});
