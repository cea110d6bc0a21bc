import { useMemo } from 'react';
import { type Lane, type Mark, type Row, rowsOf, type Tick, ticksOf } from './bars';
import { exactTimeOf, timeOf } from './format';
import { useNow } from './live';
import type { Person, RoomEvent, Session } from './types';
import { reasonWord, sentenceOf, sourceWord } from './words';

const LANE = 7;
const STEP = 11;
const TOP = 9;
const TICKS_NARROW = 3;
const TICKS_WIDE = 6;
const LAST_LABEL = 88;
const NARROW = '(max-width: 820px)';

interface Props {
  session: Session;
  people: Person[];
  events: RoomEvent[];
  chosen: string | null;
  onChoose: (id: string) => void;
}

/** A row for each person: when they were in, what they published, and what happened to them. */
export function Timeline({ session, people, events, chosen, onChoose }: Props) {
  const now = useNow(session.ended_at === null);
  const from = session.started_at;
  const to = Math.max(session.ended_at ?? now, from + 1000);
  const rows = useMemo(() => rowsOf(people, events, from, to), [people, events, from, to]);
  const ticks = ticksOf(
    from,
    to,
    window.matchMedia(NARROW).matches ? TICKS_NARROW : TICKS_WIDE,
    new Date(from).getTimezoneOffset(),
  );
  return (
    <div className="timeline">
      <Axis ticks={ticks} short={to - from < 10 * 60_000} />
      <ul className="timeline-rows">
        {rows.map((row) => (
          <li
            key={row.person.id}
            className={row.person.id === chosen ? 'timeline-row chosen' : 'timeline-row'}
          >
            <button
              type="button"
              className="timeline-name"
              aria-pressed={row.person.id === chosen}
              onClick={() => onChoose(row.person.id)}
              title={row.person.name}
            >
              <span className="clip">{row.person.name || row.person.identity}</span>
              <span className="timeline-role clip">{roleOf(row.person)}</span>
            </button>
            <Bars row={row} ticks={ticks} />
          </li>
        ))}
      </ul>
    </div>
  );
}

function roleOf(person: Person): string {
  const out =
    person.left_at !== null && person.leave_reason !== 'left' ? ` · ${reasonWord(person.leave_reason)}` : '';
  return `${person.role}${out}`;
}

function Axis({ ticks, short }: { ticks: Tick[]; short: boolean }) {
  return (
    <div className="timeline-axis" aria-hidden="true">
      {ticks
        .filter((one) => one.place < LAST_LABEL)
        .map((one) => (
          <span key={one.at} style={{ left: `${one.place}%` }}>
            {short ? exactTimeOf(one.at) : timeOf(one.at)}
          </span>
        ))}
    </div>
  );
}

function Bars({ row, ticks }: { row: Row; ticks: Tick[] }) {
  const { person, presence, lanes, marks } = row;
  const height = TOP * 2 + Math.max(1, lanes.length) * STEP - (STEP - LANE);
  const words = `In the room ${exactTimeOf(person.joined_at)} to ${
    person.left_at === null ? 'now' : exactTimeOf(person.left_at)
  }`;
  return (
    <svg className="timeline-bars" height={height} role="img" aria-label={words}>
      {ticks.map((one) => (
        <line key={one.at} className="grid" x1={`${one.place}%`} x2={`${one.place}%`} y1="0" y2={height} />
      ))}
      <rect
        className="presence"
        x={`${presence.left}%`}
        width={`${Math.max(presence.width, 0.3)}%`}
        y="2"
        height={height - 4}
        rx="5"
      >
        <title>{words}</title>
      </rect>
      {lanes.map((lane, index) => (
        <LaneBars key={lane.source} lane={lane} y={TOP + index * STEP} />
      ))}
      {marks.map((mark) => (
        <MarkDot key={mark.event.id} mark={mark} y={height - 6} />
      ))}
    </svg>
  );
}

function LaneBars({ lane, y }: { lane: Lane; y: number }) {
  return (
    <>
      {lane.bars.map((one) => (
        <rect
          key={`${one.left} ${one.width}`}
          className={`lane ${lane.source}${one.muted ? ' muted' : ''}`}
          x={`${one.left}%`}
          width={`${Math.max(one.width, 0.2)}%`}
          y={one.muted ? y + 2 : y}
          height={one.muted ? LANE - 4 : LANE}
          rx={one.muted ? 1.5 : 3}
        >
          <title>{`${sourceWord(lane.source)}${one.muted ? ', muted' : ''}`}</title>
        </rect>
      ))}
    </>
  );
}

function MarkDot({ mark, y }: { mark: Mark; y: number }) {
  return (
    <circle className={`event-mark ${mark.tone}`} cx={`${mark.place}%`} cy={y} r="4">
      <title>{`${exactTimeOf(mark.at)} ${sentenceOf(mark.event)}`}</title>
    </circle>
  );
}
