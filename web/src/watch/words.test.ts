import { describe, expect, it } from 'vitest';
import { comingWords, viewsWords } from './words';

describe('while there is nothing to watch', () => {
  it('the page says how far the video is, never that it is all done', () => {
    expect(comingWords({ state: 'processing', progress: 0.999, reason: null }).percent).toBe(99);
    expect(comingWords({ state: 'queued', progress: 0, reason: null }).percent).toBe(0);
  });
  it('it says plainly why one failed', () => {
    const words = comingWords({ state: 'failed', progress: 0, reason: 'The file has no moving picture.' });
    expect(words.text).toBe('The file has no moving picture.');
    expect(words.percent).toBeNull();
  });
  it('it says that none was uploaded', () => {
    expect(comingWords(null).title).toContain('no video');
  });
});

it('views are counted in words', () => {
  expect([0, 1, 12_345].map(viewsWords)).toEqual(['0 views', '1 view', '12,345 views']);
});
