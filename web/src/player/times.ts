// Times, previews and keys of the player: plain functions, so that they can be tested without a browser.

/** 0:07, 12:34, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Number.isFinite(seconds) ? Math.max(0, Math.floor(seconds)) : 0;
  const parts = [Math.floor(whole / 60) % 60, whole % 60].map((part) => String(part).padStart(2, '0'));
  const hours = Math.floor(whole / 3600);
  if (hours > 0) return [hours, ...parts].join(':');
  return `${Number(parts[0])}:${parts[1]}`;
}

/** For people who hear the slider: "1 minute 5 seconds of 2 minutes". */
export function spokenPlace(at: number, length: number): string {
  return `${spoken(at)} of ${spoken(length)}`;
}

function spoken(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts: [number, string][] = [
    [Math.floor(whole / 3600), 'hour'],
    [Math.floor(whole / 60) % 60, 'minute'],
    [whole % 60, 'second'],
  ];
  const said = parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count > 1 ? 's' : ''}`);
  return said.join(' ') || '0 seconds';
}

/** A part of a picture that stands for a stretch of time. */
export interface Preview {
  from: number;
  to: number;
  image: string;
  x: number;
  y: number;
  width: number;
  height: number;
}

const TIMING = /^(?:(\d+):)?(\d{2}):(\d{2}\.\d{3}) --> (?:(\d+):)?(\d{2}):(\d{2}\.\d{3})/;
const PLACE = /^(.+)#xywh=(\d+),(\d+),(\d+),(\d+)$/;

function secondsOf(
  hours: string | undefined,
  minutes: string | undefined,
  seconds: string | undefined,
): number {
  return Number(hours ?? 0) * 3600 + Number(minutes) * 60 + Number(seconds);
}

/** The previews of a WebVTT track; images are named relative to the track. What cannot be read is left out. */
export function readPreviews(text: string, track: string): Preview[] {
  const found: Preview[] = [];
  for (const block of text.split(/\r?\n\r?\n/)) {
    const [timing, target] = block.trim().split(/\r?\n/);
    const times = TIMING.exec(timing ?? '');
    const place = PLACE.exec(target ?? '');
    if (!times || !place) continue;
    const [x, y, width, height] = place.slice(2, 6).map(Number) as [number, number, number, number];
    found.push({
      from: secondsOf(times[1], times[2], times[3]),
      to: secondsOf(times[4], times[5], times[6]),
      image: new URL(place[1] as string, track).href,
      x,
      y,
      width,
      height,
    });
  }
  return found;
}

/** The preview of a moment, null where there is none. */
export function previewAt(previews: readonly Preview[], at: number): Preview | null {
  return previews.find((one) => one.from <= at && at < one.to) ?? null;
}

/** What one of the sizes is called, and what is chosen with it; -1 leaves the choice to the player. */
export interface Choice {
  level: number;
  name: string;
}

/** The sizes to choose from, best first, one of each; none where there is only one. */
export function choicesOf(levels: readonly { width: number; height: number }[]): Choice[] {
  const named = levels.map((one, level) => ({ level, side: Math.min(one.width, one.height) }));
  const sides = [...new Set(named.map((one) => one.side))].sort((a, b) => b - a);
  if (sides.length < 2) return [];
  const choices = sides.map((side) => ({
    level: named.findLast((one) => one.side === side)?.level ?? -1,
    name: `${side}p`,
  }));
  return [{ level: -1, name: 'Automatic' }, ...choices];
}

export type Command =
  | { do: 'toggle' | 'mute' | 'fullscreen' }
  | { do: 'seek'; by: number }
  | { do: 'volume'; by: number };

const COMMANDS: Record<string, Command> = {
  ' ': { do: 'toggle' },
  k: { do: 'toggle' },
  m: { do: 'mute' },
  f: { do: 'fullscreen' },
  ArrowLeft: { do: 'seek', by: -5 },
  ArrowRight: { do: 'seek', by: 5 },
  j: { do: 'seek', by: -10 },
  l: { do: 'seek', by: 10 },
  ArrowUp: { do: 'volume', by: 0.1 },
  ArrowDown: { do: 'volume', by: -0.1 },
};

/** What a key means, null where it is not the player's or belongs to the control that has the focus. */
export function commandOf(
  key: string,
  modified: boolean,
  focus: { tag: string; type: string } | null,
): Command | null {
  if (modified) return null;
  const command = COMMANDS[key.length === 1 ? key.toLowerCase() : key] ?? null;
  if (!command || !focus) return command;
  if (focus.tag === 'SELECT' || focus.tag === 'TEXTAREA') return null;
  if (focus.tag === 'INPUT') return focus.type === 'range' && !key.startsWith('Arrow') ? command : null;
  return focus.tag === 'BUTTON' && key === ' ' ? null : command;
}

/** How much of the length is loaded from where it plays on, 0 to 1. */
export function loadedUntil(
  ranges: { length: number; start: (i: number) => number; end: (i: number) => number },
  at: number,
  length: number,
): number {
  if (!(length > 0)) return 0;
  for (let i = 0; i < ranges.length; i++)
    if (ranges.start(i) <= at + 0.1 && at <= ranges.end(i)) return Math.min(1, ranges.end(i) / length);
  return Math.min(1, Math.max(0, at / length));
}
