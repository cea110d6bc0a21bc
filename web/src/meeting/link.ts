// The link that opens a meeting: /rooms/{any id form}/{slug}?token=…|code=…
// A token in an address bar ends up in screenshots, histories and referrers, so it is taken out of
// there before anything else runs. It is kept in sessionStorage (this tab only), so a reload works.

export interface Credentials {
  token?: string;
  code?: string;
}

export interface MeetingLink {
  room: string;
  path: string;
  credentials: Credentials;
}

interface Store {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

const SECRET_PARAMETERS = ['token', 'code'] as const;

/** The room's id as the path names it, or null when this is not a meeting path. */
export function roomFromPath(pathname: string): string | null {
  const id = /^\/rooms\/([^/]+)/.exec(pathname)?.[1];
  if (!id) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

/** Splits the secrets off an address: what they are, and the address to show without them. */
export function splitAddress(href: string): { credentials: Credentials; clean: string } {
  const url = new URL(href);
  const credentials: Credentials = {};
  for (const name of SECRET_PARAMETERS) {
    // No token holds a space: it was a plus sign that nobody escaped.
    const value = url.searchParams.get(name)?.replaceAll(' ', '+');
    if (value) credentials[name] = value;
    url.searchParams.delete(name);
  }
  return { credentials, clean: url.pathname + url.search + url.hash };
}

export function storageKey(path: string): string {
  return `polyroom.meeting ${path}`;
}

function readStored(store: Store, path: string): Credentials {
  try {
    const found: unknown = JSON.parse(store.getItem(storageKey(path)) ?? '{}');
    if (typeof found !== 'object' || found === null) return {};
    const credentials: Credentials = {};
    for (const name of SECRET_PARAMETERS) {
      const value = (found as Record<string, unknown>)[name];
      if (typeof value === 'string') credentials[name] = value;
    }
    return credentials;
  } catch {
    return {};
  }
}

/** Reads the link, cleans the address bar and remembers the secrets for a reload of this tab. */
export function takeLink(
  href: string,
  replaceAddress: (clean: string) => void,
  store: () => Store,
): MeetingLink | null {
  const { credentials, clean } = splitAddress(href);
  const path = new URL(href).pathname;
  const given = credentials.token !== undefined || credentials.code !== undefined;
  if (given) replaceAddress(clean);
  const room = roomFromPath(path);
  if (room === null) return null;
  let kept = credentials;
  try {
    // Reaching for sessionStorage itself throws where the browser blocks site data.
    const session = store();
    if (given) session.setItem(storageKey(path), JSON.stringify(credentials));
    else kept = readStored(session, path);
  } catch {
    // Without storage the page works; only a reload needs the full link again.
  }
  return { room, path, credentials: kept };
}
