// Lines of numbers over time, as paths in a box of 1000 by 100.

export type Point = [at: number, value: number | null];

export const WIDE = 1000;
export const HIGH = 100;

/** A round number not below the largest value: 1, 2, 2.5, 5 times a power of ten. */
export function topOf(values: Iterable<number | null>, least: number): number {
  let largest = least;
  for (const value of values) if (value !== null && value > largest) largest = value;
  const power = 10 ** Math.floor(Math.log10(largest));
  return power * ([1, 2, 2.5, 5, 10].find((one) => one * power >= largest) ?? 10);
}

/** The path; it is broken where a value is missing or where more than `gap` milliseconds lie between two. */
export function pathOf(points: Point[], from: number, to: number, top: number, gap: number): string {
  const words: string[] = [];
  let last: number | null = null;
  for (const [at, value] of points) {
    if (value === null) {
      last = null;
      continue;
    }
    const x = round(((at - from) / Math.max(1, to - from)) * WIDE);
    const y = round(HIGH - (Math.min(value, top) / top) * HIGH);
    words.push(`${last === null || at - last > gap ? 'M' : 'L'}${x} ${y}`);
    last = at;
  }
  return words.join('');
}

const round = (value: number): number => Math.round(value * 10) / 10;

/** The point nearest to a time, if it is not further than `reach` away. */
export function nearest(points: Point[], at: number, reach: number): Point | null {
  let best: Point | null = null;
  for (const point of points) {
    if (best === null || Math.abs(point[0] - at) < Math.abs(best[0] - at)) best = point;
  }
  return best && Math.abs(best[0] - at) <= reach ? best : null;
}

/** Three times the usual distance of two points: further apart, something was missing between. */
export function gapOf(points: Point[]): number {
  const steps = points.slice(1).map((point, index) => point[0] - (points[index] as Point)[0]);
  steps.sort((a, b) => a - b);
  return Math.max(3 * (steps[Math.floor(steps.length / 2)] ?? 0), 15_000);
}
