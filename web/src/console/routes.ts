// Which page of the console an address means. The chosen account, for the operator, is in the query.
import { Store } from '../shared/store';

export type Place =
  | { at: 'now' }
  | { at: 'rooms' }
  | { at: 'room'; id: string }
  | { at: 'sessions' }
  | { at: 'session'; id: string }
  | { at: 'webhooks' }
  | { at: 'keys' }
  | { at: 'accounts' }
  | { at: 'server' }
  | { at: 'nowhere' };

export interface Where {
  place: Place;
  account: string | null;
}

const BASE = '/console';
const LISTS = new Set(['rooms', 'sessions', 'webhooks', 'keys', 'accounts', 'server']);

export function parse(pathname: string, search: string): Where {
  const account = new URLSearchParams(search).get('account') || null;
  const [first = '', second, ...more] = pathname
    .slice(BASE.length)
    .split('/')
    .filter((word) => word !== '');
  return { place: placeOf(first, second, more.length > 0), account };
}

function placeOf(first: string, id: string | undefined, more: boolean): Place {
  if (more) return { at: 'nowhere' };
  if (first === '' || (first === 'now' && !id)) return { at: 'now' };
  if (id === undefined) return LISTS.has(first) ? ({ at: first } as Place) : { at: 'nowhere' };
  if (first === 'rooms') return { at: 'room', id: decode(id) };
  if (first === 'sessions') return { at: 'session', id: decode(id) };
  return { at: 'nowhere' };
}

function decode(word: string): string {
  try {
    return decodeURIComponent(word);
  } catch {
    return word;
  }
}

export function address(place: Place, account: string | null): string {
  const path =
    place.at === 'now' || place.at === 'nowhere'
      ? ''
      : place.at === 'room' || place.at === 'session'
        ? `/${place.at}s/${encodeURIComponent(place.id)}`
        : `/${place.at}`;
  return `${BASE}${path}${account ? `?account=${encodeURIComponent(account)}` : ''}`;
}

/** A path of the API with its parameters; empty ones are left out. */
export function query(
  path: string,
  parameters: Record<string, string | number | boolean | null | undefined>,
): string {
  const words = Object.entries(parameters)
    .filter(([, value]) => value !== null && value !== undefined && value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`);
  return words.length ? `${path}?${words.join('&')}` : path;
}

export const where = new Store<Where>({ place: { at: 'nowhere' }, account: null });

export function lookAround(): void {
  where.set(parse(window.location.pathname, window.location.search));
}

export function go(place: Place, account: string | null = where.get().account): void {
  window.history.pushState(null, '', address(place, account));
  lookAround();
  window.scrollTo({ top: 0 });
}
