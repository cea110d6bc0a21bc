import { bitsOf, bytesOf, durationOf, numberOf } from './format';
import type { Point } from './lines';
import { useLive, useNow } from './live';
import { Plot } from './Plot';
import { Card, Head, Loading, Moment } from './parts';
import { Tile } from './Tile';
import type { Load } from './types';

const EVERY = 10_000;
const MEBIBYTE = 1024 * 1024;
const LEAST_SPAN = 5 * 60_000;
const percent = (value: number): string => `${numberOf(value)} %`;

export function ServerPage() {
  const load = useLive<Load>('/load', EVERY);
  return (
    <>
      <Head title="Server" lead="How this server is doing." />
      <Loading live={load}>
        {(found) => (
          <>
            <Tiles load={found} />
            <Card title="The last hour">
              <Plots load={found} />
            </Card>
            <Card title="About">
              <dl className="facts">
                <div>
                  <dt>Version</dt>
                  <dd>{found.about.version}</dd>
                </div>
                <div>
                  <dt>Database</dt>
                  <dd>{found.about.database}</dd>
                </div>
                <div>
                  <dt>Started</dt>
                  <dd>
                    <Moment at={found.started_at} />
                  </dd>
                </div>
                <div>
                  <dt>Cores of the machine</dt>
                  <dd>{found.cores}</dd>
                </div>
                <div>
                  <dt>Load of the machine</dt>
                  <dd>{numberOf(found.load_average)}</dd>
                </div>
              </dl>
            </Card>
          </>
        )}
      </Loading>
    </>
  );
}

function Tiles({ load }: { load: Load }) {
  const now = useNow(true);
  const of = load.now;
  return (
    <div className="tiles">
      <Tile name="CPU, of one core" value={percent(of['cpu'] ?? 0)} />
      <Tile name="Memory" value={bytesOf(of['memory'] ?? 0)} />
      <Tile name="Live rooms" value={of['rooms']} />
      <Tile name="People" value={of['people']} />
      <Tile name="Received" value={bitsOf(of['received'] ?? 0)} />
      <Tile name="Sent" value={bitsOf(of['sent'] ?? 0)} />
      <Tile name="Up for" value={durationOf(now - load.started_at)} />
    </div>
  );
}

function Plots({ load }: { load: Load }) {
  const last = load.now['at'] ?? Date.now();
  const first = Math.min(load.history[0]?.[0] ?? last, last - LEAST_SPAN);
  const points = (column: string, unit = 1): Point[] => {
    const index = load.columns.indexOf(column);
    const part = (value: number | undefined): number | null => (value === undefined ? null : value / unit);
    const past = load.history.map((row): Point => [row[0] ?? 0, part(row[index])]);
    return past.length > 0 ? past : [[last, part(load.now[column])]];
  };
  const common = { from: first, to: last };
  return (
    <div className="plots">
      <Plot
        {...common}
        title="CPU, of one core"
        least={10}
        words={percent}
        lines={[{ name: 'CPU', colour: 'c1', points: points('cpu') }]}
      />
      <Plot
        {...common}
        title="Memory"
        least={64}
        words={(value) => bytesOf(value * MEBIBYTE)}
        lines={[{ name: 'Memory', colour: 'c2', points: points('memory', MEBIBYTE) }]}
      />
      <Plot
        {...common}
        title="Media"
        least={100_000}
        words={bitsOf}
        lines={[
          { name: 'received', colour: 'c3', points: points('received') },
          { name: 'sent', colour: 'c4', points: points('sent') },
        ]}
      />
      <Plot
        {...common}
        title="In rooms"
        least={4}
        words={numberOf}
        lines={[
          { name: 'people', colour: 'c1', points: points('people') },
          { name: 'rooms', colour: 'c5', points: points('rooms') },
        ]}
      />
    </div>
  );
}

/** The same in short, for the page that shows what goes on. */
export function LoadCards() {
  const load = useLive<Load>('/load', EVERY);
  return (
    <Card title="Server, the last hour">
      <Loading live={load}>{(found) => <Plots load={found} />}</Loading>
    </Card>
  );
}
