import { expect, test } from 'vitest';
import { changeWords, readOnAir } from './broadcast';

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const nothing = { recorded: false, live: false, restreamed: false };

test('a packet of the server is read', () => {
  expect(readOnAir(bytes({ ...nothing, live: true, more: 1 }))).toEqual({ ...nothing, live: true });
});

test.each([[{}], [null], [[]], [{ ...nothing, live: 'yes' }], ['x']])('%j is no such packet', (value) => {
  expect(readOnAir(bytes(value))).toBeNull();
});

test('what is no JSON is no such packet', () => {
  expect(readOnAir(new Uint8Array([255, 0, 1]))).toBeNull();
});

test('what began or ended is told', () => {
  expect(changeWords(nothing, { ...nothing, recorded: true })).toBe('This meeting is being recorded.');
  expect(changeWords({ ...nothing, recorded: true }, nothing)).toBe('The recording has ended.');
  expect(changeWords(nothing, { ...nothing, live: true })).toBe('This meeting is live.');
  expect(changeWords({ ...nothing, restreamed: true }, nothing)).toContain('no longer sent');
  expect(changeWords(nothing, nothing)).toBeNull();
});
