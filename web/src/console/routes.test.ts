import { describe, expect, it } from 'vitest';
import { address, type Place, parse, query } from './routes';

describe('addresses of the console', () => {
  const places: [string, Place][] = [
    ['/console', { at: 'now' }],
    ['/console/', { at: 'now' }],
    ['/console/rooms', { at: 'rooms' }],
    ['/console/rooms/01a2', { at: 'room', id: '01a2' }],
    ['/console/sessions/a%2Fb', { at: 'session', id: 'a/b' }],
    ['/console/sessions/%E0%A4%A', { at: 'session', id: '%E0%A4%A' }],
    ['/console/webhooks/x', { at: 'nowhere' }],
    ['/console/rooms/1/2', { at: 'nowhere' }],
    ['/console/other', { at: 'nowhere' }],
  ];
  it.each(places)('%s leads where it says', (path, place) => {
    expect(parse(path, '').place).toEqual(place);
  });

  it('are made as they are read, the account included', () => {
    const place: Place = { at: 'session', id: 'a/b ü' };
    const [path = '', search = ''] = address(place, 'acc&1').split('?');
    expect(parse(path, `?${search}`)).toEqual({ place, account: 'acc&1' });
    expect(address({ at: 'now' }, null)).toBe('/console');
  });

  it('of the API leave out what is not said', () => {
    expect(query('/rooms', { account: null, search: '', active: false, n: 0 })).toBe(
      '/rooms?active=false&n=0',
    );
    expect(query('/rooms', { search: 'a&b ü' })).toBe('/rooms?search=a%26b%20%C3%BC');
    expect(query('/rooms', {})).toBe('/rooms');
  });
});
