import { describe, expect, it } from 'vitest';
import { type Box, gridLayout, speakerLayout } from './layout';

const overlap = (a: Box, b: Box) =>
  a.x < b.x + b.w - 0.01 && b.x < a.x + a.w - 0.01 && a.y < b.y + b.h - 0.01 && b.y < a.y + a.h - 0.01;

describe.each([
  ['phone', 360, 560],
  ['laptop', 1280, 700],
  ['tiny', 200, 90],
])('on a %s', (_, width, height) => {
  it.each([1, 2, 3, 5, 9, 16, 49])('%i tiles stay inside and apart', (count) => {
    for (const layout of [gridLayout(count, width, height), speakerLayout(count, width, height)]) {
      expect(layout.boxes).toHaveLength(count);
      for (const box of layout.boxes) {
        expect(box.w).toBeGreaterThan(0);
        expect(box.h).toBeGreaterThan(0);
        expect(box.x).toBeGreaterThanOrEqual(-0.01);
        expect(box.x + box.w).toBeLessThanOrEqual(width + 0.01);
        expect(box.y + box.h).toBeLessThanOrEqual(layout.height + 0.01);
      }
      layout.boxes.forEach((a, i) => {
        for (const b of layout.boxes.slice(i + 1)) expect(overlap(a, b)).toBe(false);
      });
    }
  });
});

it('uses the stage well', () => {
  const [one] = gridLayout(1, 1280, 720).boxes;
  expect(one?.w).toBeCloseTo(1280);
  const two = gridLayout(2, 360, 560).boxes;
  expect(two[0]?.w).toBeGreaterThan(250);
});

it('scrolls rather than shrinking faces to stamps', () => {
  const many = gridLayout(30, 360, 500);
  expect(many.height).toBeGreaterThan(500);
  expect(many.boxes[0]?.w).toBeGreaterThanOrEqual(140);
});
