import { useEffect, useState } from 'react';
import { numberOf } from './format';
import { useList } from './live';
import { Badge, Card, Empty, Head, Link, Listing, Moment } from './parts';
import { query } from './routes';
import type { ListedRoom } from './types';

const TYPING = 300;

export function RoomsPage({ account }: { account: string | null }) {
  const [text, setText] = useState('');
  const [search, setSearch] = useState('');
  useEffect(() => {
    const timer = setTimeout(() => setSearch(text.trim()), TYPING);
    return () => clearTimeout(timer);
  }, [text]);
  const rooms = useList<ListedRoom>(query('/rooms', { account, search }));
  return (
    <>
      <Head title="Rooms" lead="Every room of the account, the newest first.">
        <input
          type="search"
          className="search"
          aria-label="Search rooms by title"
          placeholder="Search by title"
          maxLength={200}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </Head>
      <Card flush>
        <Listing
          list={rooms}
          empty={
            search ? (
              <Empty title={`No room's title holds “${search}”.`} />
            ) : (
              <Empty title="There is no room yet.">Applications make rooms through one of the APIs.</Empty>
            )
          }
        >
          {(found) => <RoomTable rooms={found} />}
        </Listing>
      </Card>
    </>
  );
}

function RoomTable({ rooms }: { rooms: ListedRoom[] }) {
  return (
    <table className="table">
      <thead>
        <tr>
          <th scope="col">Room</th>
          <th scope="col">State</th>
          <th scope="col" className="number">
            People
          </th>
          <th scope="col">Last used</th>
          <th scope="col">Made</th>
        </tr>
      </thead>
      <tbody>
        {rooms.map((one) => {
          const live = one.latest !== null && one.latest.ended_at === null ? one.latest : null;
          return (
            <tr key={one.id}>
              <td data-label="Room" className="main-cell">
                <Link to={{ at: 'room', id: one.id }} className="row-link">
                  {one.title}
                </Link>
              </td>
              <td data-label="State">
                {live ? (
                  <Badge look="live">Live</Badge>
                ) : one.enabled ? (
                  <Badge look="quiet">Empty</Badge>
                ) : (
                  <Badge look="wait">Off</Badge>
                )}
              </td>
              <td data-label="People" className="number">
                {live ? numberOf(live.present) : '–'}
              </td>
              <td data-label="Last used">
                {one.latest ? <Moment at={one.latest.ended_at ?? one.latest.started_at} /> : 'Never'}
              </td>
              <td data-label="Made">
                <Moment at={one.created_at} />
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
