import { describe, expect, it } from 'vitest';
import { type Attempt, GIVE_UP_AFTER_MS, leaveItToThePage, PROBE_EVERY_MS, rejoin } from './reconnect';

describe('leaveItToThePage', () => {
  it('hands every lost connection to the page at once, so that the camera stays open', () => {
    expect(leaveItToThePage.nextRetryDelayInMs({ retryCount: 0, elapsedMs: 0 })).toBeNull();
  });
});

function world(upAt: number, attempts: Attempt<string>[] = [{ kind: 'joined' }]) {
  let time = 0;
  let tries = 0;
  let stop = Number.POSITIVE_INFINITY;
  return {
    time: () => time,
    tries: () => tries,
    stopAt: (at: number) => {
      stop = at;
    },
    parts: {
      probe: async () => time >= upAt,
      attempt: async () => attempts[Math.min(tries++, attempts.length - 1)] as Attempt<string>,
      sleep: async (ms: number) => {
        time += ms;
      },
      now: () => time,
      cancelled: () => time >= stop,
    },
  };
}

describe('rejoin', () => {
  it('joins within one probe of the server being back', async () => {
    const w = world(30_000);
    expect(await rejoin(w.parts)).toEqual({ kind: 'joined' });
    expect(w.time()).toBeLessThanOrEqual(30_000 + PROBE_EVERY_MS);
    expect(w.tries()).toBe(1);
  });
  it('tries again when the first join after a restart fails', async () => {
    const w = world(0, [{ kind: 'not-yet' }, { kind: 'not-yet' }, { kind: 'joined' }]);
    expect(await rejoin(w.parts)).toEqual({ kind: 'joined' });
    expect(w.tries()).toBe(3);
  });
  it('stops at a refusal', async () => {
    const w = world(0, [{ kind: 'refused', why: 'gone' }]);
    expect(await rejoin(w.parts)).toEqual({ kind: 'refused', why: 'gone' });
    expect(w.tries()).toBe(1);
  });
  it('gives up after ten minutes and not before', async () => {
    const w = world(Number.POSITIVE_INFINITY);
    expect(await rejoin(w.parts)).toEqual({ kind: 'gave-up' });
    expect(w.time()).toBeGreaterThanOrEqual(GIVE_UP_AFTER_MS);
    expect(w.time()).toBeLessThan(GIVE_UP_AFTER_MS + 2 * PROBE_EVERY_MS);
  });
  it('can be called off', async () => {
    const w = world(Number.POSITIVE_INFINITY);
    w.stopAt(5_000);
    expect(await rejoin(w.parts)).toEqual({ kind: 'cancelled' });
  });
});
