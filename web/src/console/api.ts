// Asks the console's API. Who is signed in is in a cookie this page cannot read.
import { Store } from '../shared/store';
import type { Me } from './types';

export class ApiError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly field: string | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }
}

/** Who is signed in: null for nobody, undefined while that is not known yet. */
export const visitor = new Store<{ me: Me | null | undefined; over: boolean }>({
  me: undefined,
  over: false,
});

const TIMEOUT = 15_000;

export async function ask<T>(method: string, path: string, body?: object, signal?: AbortSignal): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT);
  let answer: Response;
  try {
    answer = await fetch(`/console/api${path}`, {
      method,
      headers: {
        'X-Polyroom-Console': '1',
        ...(body ? { 'Content-Type': 'application/json' } : {}),
      },
      body: body ? JSON.stringify(body) : null,
      credentials: 'same-origin',
      cache: 'no-store',
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new ApiError('unreachable', 0, 'The server does not answer.');
  }
  const found: unknown = await answer.json().catch(() => null);
  if (answer.ok && found !== null) return found as T;
  const error = (found as { error?: { code?: string; message?: string; field?: string } } | null)?.error;
  if (error?.code === 'signed_out') {
    visitor.set({ over: visitor.get().me != null, me: null });
  }
  throw new ApiError(
    error?.code ?? 'server_error',
    answer.status,
    error?.message ?? 'The server has a problem. Try again in a moment.',
    error?.field ?? null,
  );
}

export const get = <T>(path: string, signal?: AbortSignal): Promise<T> =>
  ask<T>('GET', path, undefined, signal);
export const post = <T>(path: string, body: object = {}): Promise<T> => ask<T>('POST', path, body);
export const remove = <T>(path: string): Promise<T> => ask<T>('DELETE', path);

export async function lookWhoIsThere(): Promise<void> {
  try {
    visitor.set({ me: await get<Me>('/me'), over: false });
  } catch (error) {
    if (error instanceof ApiError && error.code === 'signed_out') return;
    throw error;
  }
}

export async function signIn(key: string): Promise<void> {
  visitor.set({ me: await post<Me>('/sign-in', { key }), over: false });
}

export async function signOut(): Promise<void> {
  await remove('/me').catch((error: unknown) => {
    if (!(error instanceof ApiError && error.code === 'signed_out')) throw error;
  });
  visitor.set({ me: null, over: false });
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : 'Something went wrong on this page.';
}
