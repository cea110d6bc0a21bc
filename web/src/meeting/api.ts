// What the meeting page asks the server besides talking to the room itself.
import type { Credentials } from './link';

export interface RoomInfo {
  id: string;
  name: string;
  description: string | null;
  type: 'meet' | 'live' | 'video' | 'simulcast';
  welcome_message: string | null;
}

export interface RoleInfo {
  /** The word of the door the visitor came through. */
  label: string;
  can_publish: boolean;
  can_publish_sources: string[];
  can_subscribe: boolean;
  can_publish_data: boolean;
}

export interface LobbyAnswer {
  room: RoomInfo;
  role: RoleInfo;
  needs_access_code: boolean;
  /** What the invitation calls the visitor, "" when it leaves that open. */
  name: string;
  name_is_fixed: boolean;
}

export interface JoinAnswer {
  server_url: string;
  ticket: string;
  identity: string;
  name: string;
  role: RoleInfo;
  room: RoomInfo;
}

/** A refusal by the server, or `unreachable` when no answer came. */
export class RefusedError extends Error {
  constructor(
    readonly code: string,
    readonly status: number,
    message: string,
    readonly retryAfter: number | null = null,
  ) {
    super(message);
    this.name = 'RefusedError';
  }
}

export async function post<T>(path: string, body: object): Promise<T> {
  let answer: Response;
  try {
    answer = await fetch(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
      credentials: 'omit',
      cache: 'no-store',
      referrerPolicy: 'no-referrer',
      signal: AbortSignal.timeout(15_000),
    });
  } catch {
    throw new RefusedError('unreachable', 0, '');
  }
  const found: unknown = await answer.json().catch(() => null);
  if (answer.ok && found !== null) return found as T;
  const error = (found as { error?: { code?: string; message?: string } } | null)?.error;
  const wait = Number(answer.headers.get('Retry-After'));
  throw new RefusedError(
    error?.code ?? (answer.status >= 500 ? 'server_error' : 'refused'),
    answer.status,
    error?.message ?? '',
    Number.isFinite(wait) && wait > 0 ? wait : null,
  );
}

export function askLobby(room: string, credentials: Credentials): Promise<LobbyAnswer> {
  return post('/meet/lobby', { room, ...credentials });
}

export function askToJoin(
  room: string,
  credentials: Credentials,
  name: string,
  accessCode: string | null,
): Promise<JoinAnswer> {
  return post('/meet/join', {
    room,
    ...credentials,
    name,
    ...(accessCode === null ? {} : { access_code: accessCode }),
  });
}

/** One message of those that were said so far. */
export interface PastMessage {
  id: string;
  /** Who said it; "" for the application, and for people nobody sees. */
  identity: string;
  name: string;
  text: string;
  at: number;
  audience: 'everyone' | 'role' | 'people';
  role: string;
}

export async function askSoFar(ticket: string): Promise<readonly PastMessage[]> {
  const answer = await post<{ messages: PastMessage[] }>('/meet/messages', { ticket });
  return answer.messages;
}

export interface PersonStanding {
  identity: string;
  role: string;
  /** Whether somebody in charge holds this person's sound back. */
  held: boolean;
  may_speak: boolean;
}

/** What somebody inside may do now, in the words of the server. */
export interface Standing {
  identity: string;
  role: string;
  held: boolean;
  can_publish_sources: string[];
  permissions: {
    end_room: boolean;
    remove_others: boolean;
    mute: boolean;
    unmute: boolean;
    change_role: boolean;
  };
  chat: { public: boolean; private: boolean };
  /** Those others see, for whoever may do something to them. */
  people: PersonStanding[];
  roles: { name: string; class: 'moderator' | 'participant' | 'viewer' }[];
}

export function askStanding(ticket: string): Promise<Standing> {
  return post('/meet/standing', { ticket });
}

export async function act(what: string, ticket: string, body: object): Promise<void> {
  await post(`/meet/${what}`, { ticket, ...body });
}

/** Whether the server answers at all; asked while it is being waited for. */
export async function serverIsUp(): Promise<boolean> {
  try {
    const answer = await fetch('/healthz', { cache: 'no-store', signal: AbortSignal.timeout(2_000) });
    return answer.ok;
  } catch {
    return false;
  }
}

const LOOPBACK = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The socket address to use. A page opened as localhost may be told 127.0.0.1 (and the other way
 * round), which the page's own security policy would then block; and an https page may not open ws:.
 */
export function socketAddress(
  serverUrl: string,
  page: { protocol: string; host: string; hostname: string; port: string },
): string {
  const url = new URL(serverUrl);
  const own = `${page.protocol === 'https:' ? 'wss' : 'ws'}://${page.host}`;
  const bothLocal = LOOPBACK.has(url.hostname) && LOOPBACK.has(page.hostname) && url.port === page.port;
  const wouldBeMixed = page.protocol === 'https:' && url.protocol === 'ws:';
  return bothLocal || wouldBeMixed ? own : serverUrl;
}
