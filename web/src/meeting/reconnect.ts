// Coming back after the connection, or the whole server, went away.
//
// livekit-client does not resume by itself here: this server grants no resumption yet, and the full
// reconnect the library falls back to stops the camera and opens it anew. The page keeps its tracks,
// asks /healthz until the server answers and joins afresh with the same ticket.
import type { ReconnectPolicy } from 'livekit-client';

export const PROBE_EVERY_MS = 500;
export const GIVE_UP_AFTER_MS = 10 * 60_000;

/** No tries of the library's own: over to the page at once. */
export const leaveItToThePage: ReconnectPolicy = {
  nextRetryDelayInMs: () => null,
};

export type Attempt<R> = { kind: 'joined' } | { kind: 'not-yet' } | { kind: 'refused'; why: R };
export type Outcome<R> = Attempt<R> | { kind: 'gave-up' } | { kind: 'cancelled' };

export interface Rejoin<R> {
  /** Whether the server answers. */
  probe: () => Promise<boolean>;
  /** One try to join; a refusal is final. */
  attempt: () => Promise<Attempt<R>>;
  sleep: (ms: number) => Promise<void>;
  now: () => number;
  cancelled: () => boolean;
}

/** Tries to join until it works, is refused, is cancelled or ten minutes are over. */
export async function rejoin<R>({ probe, attempt, sleep, now, cancelled }: Rejoin<R>): Promise<Outcome<R>> {
  const start = now();
  while (!cancelled()) {
    if (await probe()) {
      if (cancelled()) break;
      const result = await attempt();
      if (result.kind !== 'not-yet') return result;
    }
    if (now() - start >= GIVE_UP_AFTER_MS) return { kind: 'gave-up' };
    await sleep(PROBE_EVERY_MS);
  }
  return { kind: 'cancelled' };
}
