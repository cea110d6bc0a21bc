import { expect, it } from 'vitest';
import { VoiceTracker } from './levels';

const here = new Set(['ana', 'ben']);

it('holds a speaker over short pauses and forgets after', () => {
  const tracker = new VoiceTracker();
  expect([...tracker.update(new Map([['ana', 0.2]]), 0, here).speaking]).toEqual(['ana']);
  expect([...tracker.update(new Map([['ana', 0]]), 500, here).speaking]).toEqual(['ana']);
  expect([...tracker.update(new Map([['ana', 0]]), 2_000, here).speaking]).toEqual([]);
});

it('does not jump while somebody is speaking, nor show oneself', () => {
  const tracker = new VoiceTracker();
  expect(tracker.update(new Map([['me', 0.9]]), 0, here).main).toBeNull();
  expect(tracker.update(new Map([['ana', 0.2]]), 300, here).main).toBe('ana');
  const both = new Map([
    ['ana', 0.1],
    ['ben', 0.9],
  ]);
  expect(tracker.update(both, 3_000, here).main).toBe('ana');
  expect(tracker.update(new Map([['ben', 0.9]]), 6_000, here).main).toBe('ben');
  expect(tracker.update(new Map(), 6_300, new Set(['ana'])).main).toBeNull();
});
