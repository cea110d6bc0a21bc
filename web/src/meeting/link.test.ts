import { describe, expect, it } from 'vitest';
import { roomFromPath, splitAddress, storageKey, takeLink } from './link';

function memory(initial: Record<string, string> = {}) {
  const items = new Map(Object.entries(initial));
  return {
    items,
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
  };
}

describe('roomFromPath', () => {
  it('takes every id form, also the one with # in it', () => {
    expect(roomFromPath('/rooms/66b0c1d2e3f4a5b6c7d8e9f0/standup')).toBe('66b0c1d2e3f4a5b6c7d8e9f0');
    expect(roomFromPath('/rooms/eu%23app%23standup.abc/x')).toBe('eu#app#standup.abc');
    expect(roomFromPath('/rooms/ab')).toBe('ab');
  });
  it('keeps an id with a broken escape as it is and knows other paths', () => {
    expect(roomFromPath('/rooms/100%/x')).toBe('100%');
    expect(roomFromPath('/docs/streamwise')).toBeNull();
    expect(roomFromPath('/rooms/')).toBeNull();
  });
});

describe('splitAddress', () => {
  it('takes only the secrets out', () => {
    expect(splitAddress('http://h:1/rooms/a/b?token=t%2B1&lang=en#x')).toEqual({
      credentials: { token: 't+1' },
      clean: '/rooms/a/b?lang=en#x',
    });
  });
  it('takes a token with every character tokens have, escaped or not', () => {
    const token = 'DIGEST:eyJ+/aZ09==.x_-';
    for (const shown of [token, encodeURIComponent(token)])
      expect(splitAddress(`http://h/rooms/eu%23app%23a.b/c?token=${shown}`)).toEqual({
        credentials: { token },
        clean: '/rooms/eu%23app%23a.b/c',
      });
  });
  it('takes every repetition out', () => {
    expect(splitAddress('http://h/rooms/a?code=1&code=2').clean).toBe('/rooms/a');
  });
});

describe('takeLink', () => {
  it('cleans the address and remembers for a reload', () => {
    const store = memory();
    const shown: string[] = [];
    const link = takeLink(
      'http://h/rooms/a/b?code=abc',
      (clean) => shown.push(clean),
      () => store,
    );
    expect(link).toEqual({ room: 'a', path: '/rooms/a/b', credentials: { code: 'abc' } });
    expect(shown).toEqual(['/rooms/a/b']);
    const again = takeLink(
      'http://h/rooms/a/b',
      () => expect.unreachable(),
      () => store,
    );
    expect(again?.credentials).toEqual({ code: 'abc' });
  });
  it('a new link replaces what was kept', () => {
    const store = memory({ [storageKey('/rooms/a')]: '{"code":"old"}' });
    takeLink(
      'http://h/rooms/a?token=new',
      () => {},
      () => store,
    );
    expect(store.items.get(storageKey('/rooms/a'))).toBe('{"token":"new"}');
  });
  it('works without storage and with rubbish in it', () => {
    const blocked = () => {
      throw new Error('blocked');
    };
    expect(takeLink('http://h/rooms/a?token=t', () => {}, blocked)?.credentials).toEqual({ token: 't' });
    const rubbish = memory({ [storageKey('/rooms/a')]: '[1' });
    expect(
      takeLink(
        'http://h/rooms/a',
        () => {},
        () => rubbish,
      )?.credentials,
    ).toEqual({});
  });
});
