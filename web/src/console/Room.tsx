import { useState } from 'react';
import { EndSession, RemovePerson } from './actions';
import { OnAir, Recordings } from './Broadcasts';
import { durationOf } from './format';
import { Glyph, type GlyphName } from './Glyph';
import { useList, useLive, useNow } from './live';
import { Messages } from './Messages';
import { Badge, Card, Copy, Empty, Head, Link, Listing, Loading, Moment } from './parts';
import { query } from './routes';
import { SessionTable } from './SessionTable';
import type { Person, RoomDetail, Session } from './types';
import { sourceWord } from './words';

export function RoomPage({ id, account }: { id: string; account: string | null }) {
  const room = useLive<RoomDetail>(query(`/rooms/${encodeURIComponent(id)}`, { account }), 3000);
  const sessions = useList<Session>(query('/sessions', { account, room: id }), { page: 10 });
  const [ending, setEnding] = useState(false);
  const session = room.data?.session ?? null;
  return (
    <>
      <p className="crumb">
        <Link to={{ at: 'rooms' }}>
          <Glyph name="back" />
          Rooms
        </Link>
      </p>
      <Head title={room.data?.title ?? 'Room'} lead={room.data?.description || undefined}>
        {session && (
          <>
            <Link to={{ at: 'session', id: session.id }} className="button">
              Watch the session
            </Link>
            <button type="button" className="button danger" onClick={() => setEnding(true)}>
              End session
            </button>
          </>
        )}
      </Head>
      {ending && session && (
        <EndSession id={session.id} account={account} onClose={() => setEnding(false)} onDone={room.again} />
      )}
      <Loading live={room}>
        {(found) => (
          <>
            <Card
              title="In the room now"
              note={found.session ? <SinceBadge at={found.session.started_at} /> : undefined}
              flush
            >
              {found.session && found.present.length > 0 ? (
                <Present
                  people={found.present}
                  session={found.session.id}
                  account={account}
                  again={room.again}
                />
              ) : (
                <Empty title={found.enabled ? 'Nobody is in.' : 'The room is switched off.'} />
              )}
            </Card>
            <OnAir room={found.id} account={account} />
            <Recordings room={found.id} account={account} />
            <div className="columns">
              <Card title="Sessions" flush>
                <Listing list={sessions} empty={<Empty title="Nobody has met here yet." />}>
                  {(items) => <SessionTable sessions={items} room={false} />}
                </Listing>
              </Card>
              <Facts room={found} />
            </div>
            <Messages room={found.id} account={account} />
          </>
        )}
      </Loading>
    </>
  );
}

function SinceBadge({ at }: { at: number }) {
  const now = useNow(true);
  return <Badge look="live">{`Live for ${durationOf(now - at)}`}</Badge>;
}

function Present({
  people,
  session,
  account,
  again,
}: {
  people: Person[];
  session: string;
  account: string | null;
  again: () => void;
}) {
  const [removing, setRemoving] = useState<Person | null>(null);
  return (
    <>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Person</th>
            <th scope="col">Role</th>
            <th scope="col">Publishes</th>
            <th scope="col">Came</th>
            <th scope="col">
              <span className="hidden-words">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {people.map((one) => (
            <tr key={one.id}>
              <td data-label="Person" className="main-cell">
                <span className="clip" title={one.name}>
                  {one.name || one.identity}
                </span>
              </td>
              <td data-label="Role">{one.role}</td>
              <td data-label="Publishes">
                <Publishes person={one} />
              </td>
              <td data-label="Came">
                <Moment at={one.joined_at} />
              </td>
              <td className="row-actions">
                <button type="button" className="button small" onClick={() => setRemoving(one)}>
                  Remove
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {removing && (
        <RemovePerson
          person={removing}
          session={session}
          account={account}
          onClose={() => setRemoving(null)}
          onDone={again}
        />
      )}
    </>
  );
}

const GLYPHS: Record<string, GlyphName> = { microphone: 'microphone', camera: 'camera' };

function Publishes({ person }: { person: Person }) {
  if (person.tracks.length === 0) return <span className="soft">Nothing</span>;
  return (
    <span className="publishes">
      {person.tracks.map((one) => (
        <span key={one.id} className={one.muted ? 'muted' : ''} title={one.muted ? 'Muted' : undefined}>
          <Glyph name={GLYPHS[one.source] ?? 'screen'} />
          {sourceWord(one.source)}
          {one.muted && <span className="hidden-words"> (muted)</span>}
        </span>
      ))}
    </span>
  );
}

const NAMES: Record<string, string> = { ulid: 'ULID' };

function Facts({ room }: { room: RoomDetail }) {
  const ids: [string, string][] = [['UUID', room.id], ...Object.entries(room.ids)];
  return (
    <Card title="About the room">
      <dl className="facts">
        <div>
          <dt>Made</dt>
          <dd>
            <Moment at={room.created_at} />
          </dd>
        </div>
        <div>
          <dt>Type</dt>
          <dd>{room.kind}</dd>
        </div>
        <div>
          <dt>Capacity</dt>
          <dd>{room.capacity ?? 'No limit'}</dd>
        </div>
        {ids.map(([name, value]) => (
          <div key={name}>
            <dt>{`${NAMES[name] ?? name} id`.replace('ULID id', 'ULID').replace('UUID id', 'UUID')}</dt>
            <dd className="id">
              <code>{value}</code>
              <Copy text={value} name={`the ${name} id`} />
            </dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
