import type { ReactNode } from 'react';
import { signOut } from './api';
import { Glyph, type GlyphName } from './Glyph';
import { useList } from './live';
import { Link } from './parts';
import { go, type Place } from './routes';
import type { LiveAccount, Me } from './types';

const PLACES: { at: Place['at']; name: string; glyph: GlyphName; operator?: boolean }[] = [
  { at: 'now', name: 'Now', glyph: 'now' },
  { at: 'rooms', name: 'Rooms', glyph: 'rooms' },
  { at: 'sessions', name: 'Sessions', glyph: 'sessions' },
  { at: 'webhooks', name: 'Webhooks', glyph: 'webhooks' },
  { at: 'keys', name: 'Keys', glyph: 'keys' },
  { at: 'accounts', name: 'Accounts', glyph: 'accounts', operator: true },
  { at: 'server', name: 'Server', glyph: 'server', operator: true },
];

const PARENTS: Partial<Record<Place['at'], Place['at']>> = { room: 'rooms', session: 'sessions' };

interface Props {
  me: Me;
  place: Place;
  account: string | null;
  children: ReactNode;
}

export function Mark() {
  return (
    <p className="mark">
      <svg viewBox="0 0 32 32" aria-hidden="true">
        <rect width="32" height="32" rx="8" />
        <path d="M7 10h12v12H7zM21 14l5-3v10l-5-3z" />
      </svg>
      polyroom
    </p>
  );
}

/** The frame around every page: where one can go, for which account, and the way out. */
export function Shell({ me, place, account, children }: Props) {
  const here = PARENTS[place.at] ?? place.at;
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <div className="side">
        <div className="side-head">
          <Mark />
        </div>
        <div className="side-who">
          {me.operator ? <Chooser me={me} place={place} account={account} /> : <Own me={me} />}
        </div>
        <nav className="places" aria-label="Console">
          <ul>
            {PLACES.filter((one) => me.operator || !one.operator).map((one) => (
              <li key={one.at}>
                <Link
                  to={{ at: one.at } as Place}
                  account={account}
                  aria-current={one.at === here ? 'page' : undefined}
                >
                  <Glyph name={one.glyph} />
                  {one.name}
                </Link>
              </li>
            ))}
          </ul>
        </nav>
        <div className="side-foot">
          <p>{me.operator ? 'Signed in as the operator' : `Signed in by a ${me.key?.dialect} key`}</p>
          <button
            type="button"
            className="button small"
            onClick={() => void signOut().catch(() => undefined)}
          >
            Sign out
          </button>
        </div>
      </div>
      <main id="content" tabIndex={-1}>
        {children}
      </main>
    </div>
  );
}

function Own({ me }: { me: Me }) {
  return (
    <p className="own-account" title={me.account.name}>
      <span>Account</span>
      <b className="clip">{me.account.name}</b>
    </p>
  );
}

/** The operator looks at one account at a time. */
function Chooser({ me, place, account }: { me: Me; place: Place; account: string | null }) {
  const list = useList<LiveAccount>('/accounts', { page: 200, every: 30_000 });
  const known = list.data?.items ?? [me.account];
  const chosen = account ?? me.account.id;
  const listed = known.some((one) => one.id === chosen);
  const inside = place.at === 'room' || place.at === 'session';
  return (
    <label className="chooser">
      <span>Account</span>
      <select
        value={chosen}
        onChange={(event) => {
          const id = event.target.value;
          go(inside ? { at: 'now' } : place, id === me.account.id ? null : id);
        }}
      >
        {!listed && <option value={chosen}>{chosen}</option>}
        {known.map((one) => (
          <option key={one.id} value={one.id}>
            {one.name}
            {one.is_default && one.name !== 'default' ? ' (default)' : ''}
          </option>
        ))}
      </select>
    </label>
  );
}
