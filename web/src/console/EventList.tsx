import { dayOf, exactTimeOf, wholeTime } from './format';
import type { RoomEvent } from './types';
import { sentenceOf, toneOf } from './words';

export function EventList({ events }: { events: RoomEvent[] }) {
  if (events.length === 0)
    return <p className="empty-line">Nothing of this person on the events loaded so far.</p>;
  return (
    <ol className="events">
      {events.map((one, index) => {
        const before = events[index - 1];
        const day = dayOf(one.at);
        return (
          <li key={one.id}>
            {(!before || dayOf(before.at) !== day) && <p className="events-day">{day}</p>}
            <div className="event">
              <time dateTime={new Date(one.at).toISOString()} title={wholeTime(one.at)}>
                {exactTimeOf(one.at)}
              </time>
              <i className={`dot ${toneOf(one.type)}`} />
              <span className="event-words">{sentenceOf(one)}</span>
              <code className="event-type">{one.type}</code>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
