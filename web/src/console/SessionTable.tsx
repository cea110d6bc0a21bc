import { durationOf, numberOf } from './format';
import { useNow } from './live';
import { Badge, Link, Moment } from './parts';
import type { BareSession, Session } from './types';
import { reasonWord } from './words';

export function SessionState({ session }: { session: BareSession }) {
  if (session.ended_at === null) return <Badge look="live">Live</Badge>;
  if (session.after_crash) return <Badge look="bad">Server crashed</Badge>;
  const why = session.end_reason;
  return (
    <Badge look="quiet">{why && why !== 'left' && why !== 'vanished' ? reasonWord(why) : 'Ended'}</Badge>
  );
}

/** Sessions as rows; `room` says whether each names its room. */
export function SessionTable({ sessions, room = true }: { sessions: Session[]; room?: boolean }) {
  const now = useNow(sessions.some((one) => one.ended_at === null));
  return (
    <table className="table">
      <thead>
        <tr>
          {room && <th scope="col">Room</th>}
          <th scope="col">Began</th>
          <th scope="col">Lasted</th>
          <th scope="col" className="number">
            People
          </th>
          <th scope="col">State</th>
        </tr>
      </thead>
      <tbody>
        {sessions.map((one) => (
          <tr key={one.id}>
            {room && (
              <td data-label="Room" className="main-cell">
                <Link to={{ at: 'session', id: one.id }} className="row-link">
                  {one.room.title}
                </Link>
              </td>
            )}
            <td data-label="Began" className={room ? undefined : 'main-cell'}>
              {room ? (
                <Moment at={one.started_at} />
              ) : (
                <Link to={{ at: 'session', id: one.id }} className="row-link">
                  <Moment at={one.started_at} />
                </Link>
              )}
            </td>
            <td data-label="Lasted">{durationOf((one.ended_at ?? now) - one.started_at)}</td>
            <td data-label="People" className="number">
              {one.ended_at === null
                ? `${numberOf(one.present)} of ${numberOf(one.people)}`
                : numberOf(one.people)}
            </td>
            <td data-label="State">
              <SessionState session={one} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
