import { describe, expect, it } from 'vitest';
import { withFreshHead, withNextPage } from './pages';

const page = (ids: string, next: string | null = null) => ({
  items: [...ids].map((id) => ({ id })),
  next,
});
const shown = (found: { items: { id: string }[] }): string => found.items.map((one) => one.id).join('');

describe('a list whose beginning is asked for again', () => {
  it('starts as what came', () => {
    expect(shown(withFreshHead(null, page('abc', 'c')))).toBe('abc');
  });
  it('keeps what was loaded behind it, although it has moved', () => {
    const merged = withFreshHead(page('abcdef', 'f'), page('xyabcd', 'd'));
    expect(shown(merged)).toBe('xyabcdef');
    expect(merged.next).toBe('f');
  });
  it('forgets what is gone from its beginning', () => {
    expect(shown(withFreshHead(page('abcdef', 'f'), page('acd', 'd')))).toBe('acdef');
  });
  it('begins anew where the old and the new do not meet', () => {
    expect(withFreshHead(page('abc', 'c'), page('xyz', 'z'))).toEqual(page('xyz', 'z'));
  });
  it('is all there is where nothing comes after it', () => {
    expect(shown(withFreshHead(page('abcd', 'd'), page('ab')))).toBe('ab');
    expect(shown(withFreshHead(page('abcd', 'd'), page('')))).toBe('');
  });
});

describe('a list that is continued', () => {
  it('holds nothing twice', () => {
    const merged = withNextPage(page('abc', 'c'), page('cde', 'e'));
    expect(shown(merged)).toBe('abcde');
    expect(merged.next).toBe('e');
  });
});
