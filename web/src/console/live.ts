// Hooks that load from the API and go on looking while the tab is seen.
import { useCallback, useEffect, useRef, useState } from 'react';
import { ApiError, get, wordsOf } from './api';
import { type Loaded, withFreshHead, withNextPage } from './pages';
import type { Page } from './types';

export interface Live<T> {
  data: T | null;
  /** What went wrong last, null while all is well; what was loaded before stays. */
  trouble: string | null;
  missing: boolean;
  again: () => void;
}

const USUAL = 5_000;
const MOST = 200;

/** Calls `look` now, every so often while the tab is seen, and whenever it is seen again. */
function usePulse(look: (signal: AbortSignal) => Promise<void>, every: number): () => void {
  const [turn, setTurn] = useState(0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a turn is a wish to look again
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let busy = false;
    const pulse = async (): Promise<void> => {
      clearTimeout(timer);
      if (busy || document.hidden) return;
      busy = true;
      await look(stop.signal);
      busy = false;
      if (!stop.signal.aborted) timer = setTimeout(pulse, every);
    };
    const seen = (): void => void pulse();
    document.addEventListener('visibilitychange', seen);
    void pulse();
    return () => {
      stop.abort();
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', seen);
    };
  }, [look, every, turn]);
  return useCallback(() => setTurn((before) => before + 1), []);
}

interface State<T> {
  path: string;
  data: T | null;
  trouble: string | null;
  missing: boolean;
}

function failed<T>(state: State<T>, path: string, error: unknown): State<T> {
  const missing = error instanceof ApiError && error.status === 404;
  const data = state.path === path && !missing ? state.data : null;
  return { path, data, trouble: wordsOf(error), missing };
}

/** One thing, kept fresh. */
export function useLive<T>(path: string, every: number = USUAL): Live<T> {
  const [state, setState] = useState<State<T>>({ path, data: null, trouble: null, missing: false });
  const look = useCallback(
    async (signal: AbortSignal): Promise<void> => {
      try {
        const data = await get<T>(path, signal);
        if (!signal.aborted) setState({ path, data, trouble: null, missing: false });
      } catch (error) {
        if (!signal.aborted) setState((before) => failed(before, path, error));
      }
    },
    [path],
  );
  const again = usePulse(look, every);
  const current = state.path === path ? state : { data: null, trouble: null, missing: false };
  return { data: current.data, trouble: current.trouble, missing: current.missing, again };
}

export interface LiveList<T> extends Live<Loaded<T>> {
  more: () => Promise<void>;
}

/** A list by pages, its beginning kept fresh. `cursor` is the parameter that says where the next page begins. */
export function useList<T extends { id: string }>(
  path: string,
  { page = 25, cursor = 'after', every = USUAL }: { page?: number; cursor?: string; every?: number } = {},
): LiveList<T> {
  const [state, setState] = useState<State<Loaded<T>>>({ path, data: null, trouble: null, missing: false });
  const shown = useRef(0);
  shown.current = state.path === path ? (state.data?.items.length ?? 0) : 0;
  const join = path.includes('?') ? '&' : '?';
  const look = useCallback(
    async (signal: AbortSignal): Promise<void> => {
      const limit = Math.min(MOST, Math.max(page, shown.current));
      try {
        const fresh = await get<Page<T>>(`${path}${join}limit=${limit}`, signal);
        if (signal.aborted) return;
        setState((before) => {
          const old = before.path === path ? before.data : null;
          return { path, data: withFreshHead(old, fresh), trouble: null, missing: false };
        });
      } catch (error) {
        if (!signal.aborted) setState((before) => failed(before, path, error));
      }
    },
    [path, join, page],
  );
  const again = usePulse(look, every);
  const next = state.path === path ? (state.data?.next ?? null) : null;
  const more = useCallback(async (): Promise<void> => {
    if (next === null) return;
    try {
      const found = await get<Page<T>>(`${path}${join}limit=${page}&${cursor}=${next}`);
      setState((before) =>
        before.path === path && before.data
          ? { ...before, data: withNextPage(before.data, found), trouble: null }
          : before,
      );
    } catch (error) {
      setState((before) => ({ ...before, trouble: wordsOf(error) }));
    }
  }, [path, join, page, cursor, next]);
  const current = state.path === path ? state : { data: null, trouble: null, missing: false };
  return { data: current.data, trouble: current.trouble, missing: current.missing, again, more };
}

/** The present, moving on every second. */
export function useNow(running: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!running) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [running]);
  return now;
}
