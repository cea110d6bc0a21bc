// Coming back after the connection, or the whole server, went away.
//
// Two stages. First livekit-client resumes by itself: short steps for a few seconds, which is what a
// lost Wi-Fi moment needs, and media goes on flowing meanwhile. After that the server is taken for
// gone: the page asks /healthz until it answers and then joins afresh with the same ticket, which is
// quicker than the library's full reconnect (it always waits two seconds for the peer connection).
import type { ReconnectContext, ReconnectPolicy } from 'livekit-client';

export const RESUME_STEPS_MS = [100, 300, 500, 500, 700, 900];
export const PROBE_EVERY_MS = 500;
export const GIVE_UP_AFTER_MS = 10 * 60_000;

/** Short, bounded steps, then null: over to the page's own rejoin. */
export const resumePolicy: ReconnectPolicy = {
  nextRetryDelayInMs({ retryCount }: ReconnectContext): number | null {
    return RESUME_STEPS_MS[retryCount] ?? null;
  },
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
