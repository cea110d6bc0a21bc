// What is and was let out of a room: its recordings, its live stream, servers it is sent to.
import { useState } from 'react';
import { DeleteRecording, StopBroadcast, StopRecording } from './actions';
import { bytesOf, countOf, durationOf } from './format';
import { useList, useLive, useNow } from './live';
import { Badge, Card, Copy, Empty, Listing, type Look, Moment } from './parts';
import { query } from './routes';
import type { RoomBroadcast, RoomRecording } from './types';
import { fileWord, recordingWord } from './words';

interface Props {
  room: string;
  account: string | null;
}

const LOOKS: Record<string, Look> = {
  running: 'live',
  starting: 'live',
  live: 'live',
  failed: 'bad',
  reconnecting: 'bad',
};

function State({ of }: { of: string }) {
  return <Badge look={LOOKS[of] ?? 'quiet'}>{of}</Badge>;
}

/** Shown only while something leaves the room. */
export function OnAir({ room, account }: Props) {
  const path = `/rooms/${encodeURIComponent(room)}/broadcast`;
  const now = useLive<RoomBroadcast>(query(path, { account }), 3000);
  const [stopping, setStopping] = useState(false);
  const { live, targets } = now.data ?? { live: null, targets: [] };
  if (!live && targets.length === 0) return null;
  return (
    <Card
      title="Leaves the room now"
      actions={
        <button type="button" className="button danger" onClick={() => setStopping(true)}>
          Stop all
        </button>
      }
    >
      <dl className="facts">
        {live && (
          <div>
            <dt>
              Live stream <State of={live.state} />
            </dt>
            <dd className="id">
              {countOf(live.viewers, 'viewer', 'viewers')} · <code>{live.watch}</code>
              <Copy text={live.watch} name="the stream's address" />
            </dd>
          </div>
        )}
        {targets.map((one) => (
          <div key={one.to}>
            <dt>
              {one.name || 'Server'} <State of={one.state} />
            </dt>
            <dd>
              {one.to} · {bytesOf(one.bytes)} sent{one.why && ` · ${one.why}`}
            </dd>
          </div>
        ))}
      </dl>
      {stopping && (
        <StopBroadcast room={room} account={account} onClose={() => setStopping(false)} onDone={now.again} />
      )}
    </Card>
  );
}

export function Recordings({ room, account }: Props) {
  const path = `/rooms/${encodeURIComponent(room)}/recordings`;
  const list = useList<RoomRecording>(query(path, { account }), { page: 10 });
  const [asked, setAsked] = useState<{ recording: RoomRecording; about: 'stop' | 'delete' } | null>(null);
  const now = useNow(true);
  return (
    <Card title="Recordings" flush>
      <Listing list={list} empty={<Empty title="Nothing was recorded here." />}>
        {(items) => (
          <table className="table">
            <thead>
              <tr>
                <th scope="col">Recording</th>
                <th scope="col">Began</th>
                <th scope="col">Length</th>
                <th scope="col">Files</th>
                <th scope="col">State</th>
                <th scope="col">
                  <span className="hidden-words">Actions</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {items.map((one) => (
                <Row key={one.id} recording={one} now={now} onAsk={setAsked} />
              ))}
            </tbody>
          </table>
        )}
      </Listing>
      {asked?.about === 'stop' && (
        <StopRecording
          id={asked.recording.id}
          account={account}
          onClose={() => setAsked(null)}
          onDone={list.again}
        />
      )}
      {asked?.about === 'delete' && (
        <DeleteRecording
          id={asked.recording.id}
          account={account}
          onClose={() => setAsked(null)}
          onDone={list.again}
        />
      )}
    </Card>
  );
}

interface RowProps {
  recording: RoomRecording;
  now: number;
  onAsk: (question: { recording: RoomRecording; about: 'stop' | 'delete' }) => void;
}

const OVER = ['completed', 'failed'];

function Row({ recording, now, onAsk }: RowProps) {
  const { kind, state, started_at, stopped_at, files, failure } = recording;
  const over = OVER.includes(state);
  return (
    <tr>
      <td data-label="Recording" className="main-cell">
        {recordingWord(kind)}
      </td>
      <td data-label="Began">{started_at !== null ? <Moment at={started_at} /> : '–'}</td>
      <td data-label="Length">{started_at !== null ? durationOf((stopped_at ?? now) - started_at) : '–'}</td>
      <td data-label="Files">
        {files.length === 0 && <span className="soft">{failure || (over ? 'None' : 'Later')}</span>}
        {files.map((one) => (
          <a key={one.id} className="file-link" href={one.link} target="_blank" rel="noreferrer">
            {fileWord(one.kind)} ({bytesOf(one.bytes)})
          </a>
        ))}
      </td>
      <td data-label="State">
        <State of={state} />
      </td>
      <td className="row-actions">
        <button
          type="button"
          className="button small"
          disabled={state === 'stopping'}
          onClick={() => onAsk({ recording, about: over ? 'delete' : 'stop' })}
        >
          {over ? 'Delete' : 'Stop'}
        </button>
      </td>
    </tr>
  );
}
