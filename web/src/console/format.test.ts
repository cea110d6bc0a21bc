import { describe, expect, it } from 'vitest';
import { bitsOf, bytesOf, countOf, durationOf } from './format';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe('numbers as people read them', () => {
  it.each([
    [-5, '0 s'],
    [59_400, '59 s'],
    [4 * MINUTE, '4 min'],
    [4 * MINUTE + 12_000, '4 min 12 s'],
    [2 * HOUR + 5 * MINUTE, '2 h 05 min'],
    [76 * HOUR, '3 d 4 h'],
  ])('%d ms last %s', (milliseconds, words) => {
    expect(durationOf(milliseconds)).toBe(words);
  });

  it('have their units', () => {
    expect(bitsOf(0)).toBe('0 bit/s');
    expect(bitsOf(999)).toBe('999 bit/s');
    expect(bitsOf(48_300)).toMatch(/^48[.,]3 kbit\/s$/);
    expect(bitsOf(2_500_000)).toMatch(/^2[.,]5 Mbit\/s$/);
    expect(bytesOf(126 * 1024 * 1024)).toBe('126 MiB');
    expect(countOf(1, 'event', 'events')).toBe('1 event');
    expect(countOf(2, 'event', 'events')).toBe('2 events');
  });
});
