import { useList, useLive } from './live';
import { Card, Empty, Head, Link, Listing } from './parts';
import { query } from './routes';
import { LoadCards } from './Server';
import { SessionTable } from './SessionTable';
import { Tile } from './Tile';
import type { Me, Session } from './types';

/** What goes on this moment. */
export function NowPage({ me, account }: { me: Me; account: string | null }) {
  const now = useLive<{ rooms: number; people: number }>(query('/now', { account }));
  const live = useList<Session>(query('/sessions', { account, active: true }));
  const past = useList<Session>(query('/sessions', { account, active: false }), { page: 8, every: 15_000 });
  return (
    <>
      <Head title="Now" lead="What goes on this moment." />
      <div className="tiles">
        <Tile name="Live rooms" value={now.data?.rooms} />
        <Tile name="People in them" value={now.data?.people} />
      </div>
      <Card title="Live sessions" flush>
        <Listing
          list={live}
          empty={
            <Empty title="Nobody is in a room now.">As soon as somebody comes in, the room is here.</Empty>
          }
        >
          {(sessions) => <SessionTable sessions={sessions} />}
        </Listing>
      </Card>
      <Card title="Latest past sessions" flush actions={<Link to={{ at: 'sessions' }}>All sessions</Link>}>
        <Listing list={past} empty={<Empty title="No session is over yet." />}>
          {(sessions) => <SessionTable sessions={sessions.slice(0, 8)} />}
        </Listing>
      </Card>
      {me.operator && <LoadCards />}
    </>
  );
}
