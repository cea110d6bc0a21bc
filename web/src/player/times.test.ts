import { describe, expect, it } from 'vitest';
import { choicesOf, clock, commandOf, loadedUntil, previewAt, readPreviews, spokenPlace } from './times';

const TRACK = 'https://rooms.example/watched/t/v/thumbnails.vtt';
const VTT = `WEBVTT

00:00:00.000 --> 00:00:02.000
sprite.jpg#xywh=0,0,160,90

00:00:02.000 --> 01:00:04.500
sprite.jpg#xywh=160,90,160,90

nonsense
at all

00:00:01.000 --> 00:00:02.000
no-place.jpg
`;

describe('times', () => {
  it.each([
    [0, '0:00'],
    [7.9, '0:07'],
    [754, '12:34'],
    [3723, '1:02:03'],
    [36_000, '10:00:00'],
    [-1, '0:00'],
    [Number.NaN, '0:00'],
    [Number.POSITIVE_INFINITY, '0:00'],
  ])('%s seconds are written %s', (seconds, text) => {
    expect(clock(seconds)).toBe(text);
  });
  it('are said in words to whoever hears them', () => {
    expect(spokenPlace(65, 3600)).toBe('1 minute 5 seconds of 1 hour');
    expect(spokenPlace(0, 1)).toBe('0 seconds of 1 second');
  });
});

describe('previews', () => {
  const previews = readPreviews(VTT, TRACK);
  it('are read with their image beside the track, nonsense left out', () => {
    expect(previews).toHaveLength(2);
    expect(previews[1]).toEqual({
      from: 2,
      to: 3604.5,
      image: 'https://rooms.example/watched/t/v/sprite.jpg',
      x: 160,
      y: 90,
      width: 160,
      height: 90,
    });
  });
  it('stand for their stretch of time', () => {
    expect(previewAt(previews, 1.9)?.x).toBe(0);
    expect(previewAt(previews, 2)?.x).toBe(160);
    expect(previewAt(previews, 4000)).toBeNull();
  });
});

describe('sizes', () => {
  const of = (...sizes: [number, number][]) => choicesOf(sizes.map(([width, height]) => ({ width, height })));
  it('are offered best first, after the automatic choice', () => {
    expect(of([640, 360], [1280, 720])).toEqual([
      { level: -1, name: 'Automatic' },
      { level: 1, name: '720p' },
      { level: 0, name: '360p' },
    ]);
  });
  it('of a picture held upright are called by its shorter side', () => {
    expect(of([720, 1280], [360, 640]).map((one) => one.name)).toEqual(['Automatic', '720p', '360p']);
  });
  it('are not offered where there is nothing to choose', () => {
    expect(of([640, 360])).toEqual([]);
    expect(of([640, 360], [640, 360])).toEqual([]);
  });
});

describe('keys', () => {
  it('play, seek and are left alone with a modifier', () => {
    expect(commandOf('K', false, null)).toEqual({ do: 'toggle' });
    expect(commandOf('ArrowRight', false, null)).toEqual({ do: 'seek', by: 5 });
    expect(commandOf('f', true, null)).toBeNull();
    expect(commandOf('q', false, null)).toBeNull();
  });
  it('belong to the control that has the focus', () => {
    expect(commandOf(' ', false, { tag: 'BUTTON', type: 'button' })).toBeNull();
    expect(commandOf('m', false, { tag: 'BUTTON', type: 'button' })).toEqual({ do: 'mute' });
    expect(commandOf('ArrowLeft', false, { tag: 'INPUT', type: 'range' })).toBeNull();
    expect(commandOf(' ', false, { tag: 'INPUT', type: 'range' })).toEqual({ do: 'toggle' });
    expect(commandOf('m', false, { tag: 'INPUT', type: 'text' })).toBeNull();
    expect(commandOf('ArrowUp', false, { tag: 'SELECT', type: '' })).toBeNull();
  });
});

describe('what is loaded', () => {
  const ranges = (...list: [number, number][]) => ({
    length: list.length,
    start: (i: number) => list[i]?.[0] ?? 0,
    end: (i: number) => list[i]?.[1] ?? 0,
  });
  it('reaches to the end of the stretch that plays', () => {
    expect(loadedUntil(ranges([0, 2], [5, 8]), 6, 10)).toBe(0.8);
    expect(loadedUntil(ranges([0, 2]), 4, 10)).toBe(0.4);
    expect(loadedUntil(ranges(), 0, 0)).toBe(0);
  });
});
