import { expect, it } from 'vitest';
import { type ChatLine, KEPT_LINES, LONGEST_LINE, onlyFor, readOldLine, withLine, withPast } from './chat';

const line = (id: string, text = 'hello', at = 1): ChatLine => ({
  id,
  from: 'Ana',
  mine: false,
  at,
  text,
  only: null,
});
const ids = (lines: readonly ChatLine[]) => lines.map((one) => one.id);
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

it('keeps a bounded list', () => {
  let lines: readonly ChatLine[] = [];
  for (let n = 0; n < KEPT_LINES + 50; n++) lines = withLine(lines, line(String(n)));
  expect(lines).toHaveLength(KEPT_LINES);
  expect(lines.at(-1)?.id).toBe(String(KEPT_LINES + 49));
});

it('takes no line twice, no empty line, and cuts an endless one', () => {
  const once = withLine([], line('a'));
  expect(withLine(once, line('a'))).toBe(once);
  expect(withLine(once, line('b', '  \n'))).toBe(once);
  expect(withLine([], line('c', 'x'.repeat(LONGEST_LINE * 2)))[0]?.text).toHaveLength(LONGEST_LINE + 1);
});

it('reads the older form of a chat line', () => {
  expect(readOldLine(bytes({ id: '1', message: 'hi', timestamp: 5 }))).toEqual({
    id: '1',
    text: 'hi',
    at: 5,
  });
  expect(readOldLine(bytes({ id: '1', message: 'hi', ignoreLegacy: true }))).toBeNull();
  expect(readOldLine(bytes({ message: 5 }))).toBeNull();
  expect(readOldLine(new Uint8Array([1, 2]))).toBeNull();
});

it('puts what was said before in front of what came since, and tells nothing twice', () => {
  const heard = [line('b', 'b', 99), line('c', 'c', 3)];
  const lines = withPast(heard, [line('a', 'a', 1), line('b', 'b', 2)]);
  expect(ids(lines)).toEqual(['a', 'b', 'c']);
  expect(lines[1]?.at).toBe(2);
});

it('keeps what is older than the past it is told', () => {
  expect(ids(withPast([line('old', 'x', 1), line('new', 'x', 9)], [line('a', 'x', 5)]))).toEqual([
    'old',
    'a',
    'new',
  ]);
  expect(ids(withPast([line('old')], []))).toEqual(['old']);
});

it('keeps a bounded list of past lines, too, and no empty ones', () => {
  const past = Array.from({ length: KEPT_LINES + 5 }, (_, n) => line(String(n), 'x', n));
  expect(withPast([line('last', 'x', 1_000)], [...past, line('empty', ' ')])).toHaveLength(KEPT_LINES);
});

it('says whom a message is for unless that is everybody', () => {
  expect(onlyFor(undefined, undefined, false)).toBeNull();
  expect(onlyFor('everyone', '', false)).toBeNull();
  expect(onlyFor('role', 'host', false)).toBe('Only for the role host');
  expect(onlyFor('people', '', false)).toBe('Only for you');
  expect(onlyFor('people', '', true)).toBe('Private');
});
