import { useState } from 'react';
import { EndSession, RemovePerson } from './actions';
import { post } from './api';
import { EventList } from './EventList';
import { countOf, durationOf, numberOf } from './format';
import { Glyph } from './Glyph';
import { useList, useLive, useNow } from './live';
import { Act, Card, Empty, Head, Link, Listing, Loading, Moment } from './parts';
import { QualityCard } from './Quality';
import { query } from './routes';
import { SessionState } from './SessionTable';
import { Tile } from './Tile';
import { Timeline } from './Timeline';
import type { Person, RoomEvent, Session } from './types';

/** One session: who was in it, what happened, and how well media travelled. */
export function SessionPage({ id, account }: { id: string; account: string | null }) {
  const path = `/sessions/${encodeURIComponent(id)}`;
  const session = useLive<Session>(query(path, { account }), 3000);
  const running = session.data !== null && session.data.ended_at === null;
  const every = running || session.data === null ? 3000 : 30_000;
  const people = useList<Person>(query(`${path}/people`, { account }), { page: 100, every });
  const events = useList<RoomEvent>(query(`${path}/events`, { account }), { page: 200, every });
  const [chosen, setChosen] = useState<string | null>(null);
  const [ending, setEnding] = useState(false);
  const [removing, setRemoving] = useState<Person | null>(null);
  const person = people.data?.items.find((one) => one.id === chosen) ?? null;
  return (
    <>
      <p className="crumb">
        {session.data ? (
          session.data.room.deleted_at === null ? (
            <Link to={{ at: 'room', id: session.data.room.id }}>
              <Glyph name="back" />
              <span className="clip">{session.data.room.title}</span>
            </Link>
          ) : (
            <span className="soft">The room is deleted</span>
          )
        ) : (
          <Link to={{ at: 'sessions' }}>
            <Glyph name="back" />
            Sessions
          </Link>
        )}
      </p>
      <Head title={session.data ? `Session of ${session.data.room.title}` : 'Session'}>
        {session.data && <Replay id={id} account={account} />}
        {running && (
          <button type="button" className="button danger" onClick={() => setEnding(true)}>
            End session
          </button>
        )}
      </Head>
      <Loading live={session}>
        {(found) => (
          <>
            <Summary session={found} />
            <Card title="Timeline" note={<Legend />}>
              <Listing list={people} empty={<Empty title="Nobody is shown in this session." />}>
                {(items) => (
                  <Timeline
                    session={found}
                    people={items}
                    events={events.data?.items ?? []}
                    chosen={chosen}
                    onChoose={(one) => setChosen(one === chosen ? null : one)}
                  />
                )}
              </Listing>
            </Card>
            {person && (
              <QualityCard
                key={person.id}
                session={found}
                person={person}
                account={account}
                onClose={() => setChosen(null)}
                onRemove={running && person.left_at === null ? () => setRemoving(person) : null}
              />
            )}
            <Card
              title="What happened"
              note={person ? `Only ${person.name || person.identity}` : 'The latest first'}
              flush
            >
              <Listing list={events} empty={<Empty title="No events are kept of this session." />}>
                {(items) => (
                  <EventList
                    events={person ? items.filter((one) => one.participant_id === person.id) : items}
                  />
                )}
              </Listing>
            </Card>
          </>
        )}
      </Loading>
      {ending && (
        <EndSession id={id} account={account} onClose={() => setEnding(false)} onDone={session.again} />
      )}
      {removing && (
        <RemovePerson
          person={removing}
          session={id}
          account={account}
          onClose={() => setRemoving(null)}
          onDone={people.again}
        />
      )}
    </>
  );
}

function Summary({ session }: { session: Session }) {
  const now = useNow(session.ended_at === null);
  return (
    <>
      <p className="summary">
        <SessionState session={session} />
        <span>
          <Moment at={session.started_at} />
          {session.ended_at !== null && (
            <>
              {' – '}
              <Moment at={session.ended_at} />
            </>
          )}
        </span>
        <code>{session.id}</code>
      </p>
      <div className="tiles">
        <Tile name="Lasted" value={durationOf((session.ended_at ?? now) - session.started_at)} />
        <Tile name="People" value={numberOf(session.people)} />
        {session.ended_at === null && <Tile name="In it now" value={numberOf(session.present)} />}
        {session.ends_by !== null && session.ended_at === null && (
          <Tile name="Ends in" value={durationOf(session.ends_by - now)} />
        )}
      </div>
    </>
  );
}

const LEGEND = [
  ['presence', 'in the room'],
  ['microphone', 'sound'],
  ['camera', 'camera'],
  ['screen_share', 'screen'],
  ['muted', 'muted'],
];

function Legend() {
  return (
    <span className="legend">
      {LEGEND.map(([swatch, words]) => (
        <span key={swatch}>
          <i className={`swatch ${swatch}`} />
          {words}
        </span>
      ))}
    </span>
  );
}

function Replay({ id, account }: { id: string; account: string | null }) {
  const [queued, setQueued] = useState<number | null>(null);
  return (
    <>
      {queued !== null && (
        <span role="status" className="done-note">
          {queued === 0
            ? 'Nobody hears these events.'
            : `${countOf(queued, 'delivery', 'deliveries')} queued`}
        </span>
      )}
      <Act
        verb="Replay webhooks"
        busyVerb="Queueing…"
        title="Tell every event of this session again to whoever hears it now"
        run={async () => {
          setQueued((await post<{ queued: number }>(query('/replay', { account }), { session: id })).queued);
        }}
      />
    </>
  );
}
