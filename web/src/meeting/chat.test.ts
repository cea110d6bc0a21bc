import { expect, it } from 'vitest';
import { type ChatLine, KEPT_LINES, LONGEST_LINE, readOldLine, withLine } from './chat';

const line = (id: string, text = 'hello'): ChatLine => ({ id, from: 'Ana', mine: false, at: 1, text });
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
