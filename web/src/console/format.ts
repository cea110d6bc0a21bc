// Numbers and times as people read them, in the browser's language and zone.

const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', year: 'numeric' });
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const exactClock = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'long' });
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });

export const timeOf = (at: number): string => clock.format(at);
export const exactTimeOf = (at: number): string => exactClock.format(at);
export const dayOf = (at: number): string => day.format(at);
export const wholeTime = (at: number): string => whole.format(at);
export const numberOf = (value: number): string => number.format(value);

/** The time for today, the day and the time for any other day. */
export function momentOf(at: number, now: number = Date.now()): string {
  return dayOf(at) === dayOf(now) ? timeOf(at) : `${dayOf(at)}, ${timeOf(at)}`;
}

/** "3 s", "4 min 12 s", "2 h 05 min", "3 d 4 h". */
export function durationOf(milliseconds: number): string {
  const seconds = Math.max(0, Math.round(milliseconds / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

export function bitsOf(perSecond: number): string {
  return scaled(perSecond, 1000, ['bit/s', 'kbit/s', 'Mbit/s', 'Gbit/s']);
}

export function bytesOf(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB']);
}

function scaled(value: number, step: number, units: string[]): string {
  let left = value;
  let unit = 0;
  while (left >= step && unit < units.length - 1) {
    left /= step;
    unit += 1;
  }
  return `${number.format(left >= 100 ? Math.round(left) : left)} ${units[unit]}`;
}

export function countOf(count: number, one: string, many: string): string {
  return `${number.format(count)} ${count === 1 ? one : many}`;
}
