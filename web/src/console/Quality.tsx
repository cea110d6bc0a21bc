import { bitsOf, numberOf } from './format';
import type { Point } from './lines';
import { useLive } from './live';
import { type Line, Plot } from './Plot';
import { Card, Empty, Loading } from './parts';
import { query } from './routes';
import type { Person, Quality, QualitySeries, Session } from './types';
import { reasonWord, sourceWord } from './words';

interface Props {
  session: Session;
  person: Person;
  account: string | null;
  onClose: () => void;
  onRemove: (() => void) | null;
}

/** How well somebody's media travelled. */
export function QualityCard({ session, person, account, onClose, onRemove }: Props) {
  const path = `/sessions/${session.id}/people/${person.id}/quality`;
  const running = person.left_at === null && session.ended_at === null;
  const quality = useLive<Quality>(query(path, { account }), running ? 5000 : 60_000);
  return (
    <Card
      title={person.name || person.identity}
      note={aboutPerson(person)}
      actions={
        <>
          {onRemove && (
            <button type="button" className="button small" onClick={onRemove}>
              Remove
            </button>
          )}
          <button type="button" className="button small" onClick={onClose}>
            Close
          </button>
        </>
      }
    >
      <Loading live={quality}>
        {(found) =>
          found.series.length === 0 ? (
            <Empty title="No quality was measured of this person's media." />
          ) : (
            <Plots quality={found} from={person.joined_at} to={endOf(person, found)} />
          )
        }
      </Loading>
    </Card>
  );
}

function aboutPerson(person: Person): string {
  const words = [person.role, `by ${person.dialect}`, person.user_id && `user id ${person.user_id}`];
  if (person.left_at !== null) words.push(reasonWord(person.leave_reason));
  return words.filter(Boolean).join(' · ');
}

function endOf(person: Person, quality: Quality): number {
  const last = Math.max(...quality.series.map((one) => Number(one.rows.at(-1)?.[0] ?? 0)));
  return Math.max(person.left_at ?? last, person.joined_at + 1000);
}

const PLOTS: {
  title: string;
  column: string;
  least: number;
  words: (value: number) => string;
  video?: true;
}[] = [
  { title: 'Bitrate', column: 'bitrate', least: 1000, words: bitsOf },
  { title: 'Packets lost', column: 'loss', least: 1, words: (value) => `${numberOf(value)} %` },
  { title: 'Pictures per second', column: 'frame_rate', least: 10, words: numberOf, video: true },
  { title: 'Round trip', column: 'rtt', least: 10, words: (value) => `${numberOf(value)} ms` },
  { title: 'Jitter', column: 'jitter', least: 10, words: (value) => `${numberOf(value)} ms` },
];

function Plots({ quality, from, to }: { quality: Quality; from: number; to: number }) {
  const all = quality.series.toSorted((one, other) => rankOf(one) - rankOf(other));
  return (
    <div className="plots">
      {PLOTS.map(({ column, video, ...plot }) => {
        const index = quality.columns.indexOf(column);
        const lines = all
          .filter((series) => !video || series.kind === 'video')
          .map((series) => lineOf(series, index))
          .filter((line) => line.points.some((point) => point[1] !== null));
        return index < 0 || lines.length === 0 ? null : (
          <Plot key={column} {...plot} lines={lines} from={from} to={to} />
        );
      })}
    </div>
  );
}

// The colours of the timeline, and two more for what comes in.
const SENT = ['microphone', 'camera', 'screen_share', 'screen_share_audio'];
const SENT_COLOURS = ['c1', 'c2', 'c3', 'c6'];

function rankOf(series: QualitySeries): number {
  if (series.track_id === null) return series.kind === 'audio' ? 10 : 11;
  const place = SENT.indexOf(series.source ?? '');
  return place < 0 ? 9 : place;
}

function lineOf(series: QualitySeries, index: number): Line {
  const sent = series.track_id !== null;
  const received = series.kind === 'audio' ? 'hears' : 'sees';
  return {
    id: series.track_id ?? series.kind,
    name: sent ? `sends ${sourceWord(series.source ?? series.kind)}` : received,
    colour: sent ? (SENT_COLOURS[rankOf(series)] ?? 'c6') : series.kind === 'audio' ? 'c4' : 'c5',
    points: series.rows.map((row): Point => [row[0] ?? 0, row[index] ?? null]),
  };
}
