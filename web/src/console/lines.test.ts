import { describe, expect, it } from 'vitest';
import { gapOf, nearest, type Point, pathOf, topOf } from './lines';

describe('a plot', () => {
  it('has a round top that nothing exceeds', () => {
    expect(topOf([3, null, 7], 1)).toBe(10);
    expect(topOf([], 10)).toBe(10);
    expect(topOf([1_700_000], 1)).toBe(2_000_000);
    expect(topOf([2.2], 1)).toBe(2.5);
  });
  it('draws a line that is broken where something is missing', () => {
    const points: Point[] = [
      [0, 0],
      [10, 50],
      [20, null],
      [30, 100],
      [90, 100],
    ];
    expect(pathOf(points, 0, 100, 100, 20)).toBe('M0 100L100 50M300 0M900 0');
  });
  it('never leaves its box', () => {
    expect(pathOf([[0, 500]], 0, 0, 100, 20)).toBe('M0 0');
  });
  it('shows the value next to the pointer, if there is one near', () => {
    const points: Point[] = [
      [0, 1],
      [100, 2],
    ];
    expect(nearest(points, 80, 50)).toEqual([100, 2]);
    expect(nearest(points, 300, 50)).toBeNull();
    expect(nearest([], 0, 50)).toBeNull();
  });
  it('takes three times the usual distance for a gap', () => {
    const every = (step: number): Point[] => [0, 1, 2, 3].map((n) => [n * step, 1]);
    expect(gapOf(every(10_000))).toBe(30_000);
    expect(gapOf([])).toBe(15_000);
  });
});
