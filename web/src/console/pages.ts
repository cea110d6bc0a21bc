// Lists that grow at one end while they are looked at.
import type { Page } from './types';

export interface Loaded<T> {
  items: T[];
  next: string | number | null;
}

/**
 * What is shown after the list's beginning was asked for again: the fresh beginning, and behind it
 * whatever was loaded before that comes after its last item. Where the two do not meet, only the
 * fresh one is certain.
 */
export function withFreshHead<T extends { id: string }>(old: Loaded<T> | null, fresh: Page<T>): Loaded<T> {
  const last = fresh.items.at(-1);
  if (!old || !last || fresh.next === null) return fresh;
  const seam = old.items.findIndex((one) => one.id === last.id);
  if (seam < 0 || seam === old.items.length - 1) return fresh;
  const known = new Set(fresh.items.map((one) => one.id));
  const tail = old.items.slice(seam + 1).filter((one) => !known.has(one.id));
  return tail.length ? { items: [...fresh.items, ...tail], next: old.next } : fresh;
}

export function withNextPage<T extends { id: string }>(old: Loaded<T>, more: Page<T>): Loaded<T> {
  const known = new Set(old.items.map((one) => one.id));
  return { items: [...old.items, ...more.items.filter((one) => !known.has(one.id))], next: more.next };
}
