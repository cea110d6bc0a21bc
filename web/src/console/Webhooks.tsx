import { type FormEvent, useState } from 'react';
import { post, remove, wordsOf } from './api';
import { Deliveries } from './Deliveries';
import { countOf } from './format';
import { useLive } from './live';
import { Act, Ask, Badge, Card, Dialog, Empty, Head, Link, Loading, Moment, Secrets, Trouble } from './parts';
import { query } from './routes';
import type { Queue, Webhook } from './types';
import { errorWord } from './words';

interface Found {
  items: Webhook[];
  queues: Queue[];
}

const FORMATS = ['polyroom', '100ms', 'telnyx', 'phenix'];

export function WebhooksPage({ account }: { account: string | null }) {
  const live = useLive<Found>(query('/webhooks', { account }));
  const [adding, setAdding] = useState(false);
  const [removing, setRemoving] = useState<Webhook | null>(null);
  return (
    <>
      <Head title="Webhooks" lead="Who is told of what happens in the account's rooms, and how that went.">
        <button type="button" className="button primary" onClick={() => setAdding(true)}>
          Add receiver
        </button>
      </Head>
      <Card
        title="Receivers"
        note="Of the whole account; a room's own are set through its vendor's API"
        flush
      >
        <Loading live={live}>
          {(found) =>
            found.items.length === 0 ? (
              <Empty title="The account has no receiver of its own." />
            ) : (
              <ul className="receivers">
                {found.items.map((one) => (
                  <Receiver key={one.id} webhook={one} account={account} onRemove={() => setRemoving(one)} />
                ))}
              </ul>
            )
          }
        </Loading>
      </Card>
      {live.data && live.data.queues.length > 0 && <Queues queues={live.data.queues} />}
      <Deliveries account={account} />
      {adding && <AddReceiver account={account} onClose={() => setAdding(false)} onDone={live.again} />}
      {removing && (
        <Ask
          title="Remove this receiver?"
          text={
            <>
              <code className="breaks">{removing.url}</code> is told nothing more, not even what waits for it.
            </>
          }
          verb="Remove"
          onClose={() => setRemoving(null)}
          onYes={async () => {
            await remove(query(`/webhooks/${removing.id}`, { account }));
            live.again();
          }}
        />
      )}
    </>
  );
}

interface Tried {
  status: number | null;
  milliseconds: number;
  answer: string;
  error: string;
}

function Receiver({
  webhook,
  account,
  onRemove,
}: {
  webhook: Webhook;
  account: string | null;
  onRemove: () => void;
}) {
  const [tried, setTried] = useState<Tried | null>(null);
  return (
    <li>
      <div className="receiver">
        <span className="tag">{webhook.format}</span>
        <code className="receiver-url">{`${webhook.method} ${webhook.url}`}</code>
        <span className="soft">
          since <Moment at={webhook.created_at} />
        </span>
        <span className="row-actions">
          <Act
            verb="Send a test"
            busyVerb="Sending…"
            title="Send a made-up event now"
            run={async () => {
              setTried(null);
              setTried(await post<Tried>(query(`/webhooks/${webhook.id}/test`, { account })));
            }}
          />
          <button type="button" className="button small" onClick={onRemove}>
            Remove
          </button>
        </span>
      </div>
      {tried && (
        <p className="receiver-answer" role="status">
          <Badge look={tried.status !== null && tried.status < 300 ? 'good' : 'bad'}>
            {tried.status ?? errorWord(tried.error)}
          </Badge>
          {` after ${tried.milliseconds} ms `}
          {tried.answer && <code className="breaks">{tried.answer}</code>}
        </p>
      )}
    </li>
  );
}

function Queues({ queues }: { queues: Queue[] }) {
  return (
    <Card title="Waiting" note="What is tried again later, by room and receiver" flush>
      <table className="table">
        <thead>
          <tr>
            <th scope="col">Receiver</th>
            <th scope="col">Events</th>
            <th scope="col">Since</th>
            <th scope="col">Tries so far</th>
            <th scope="col">Next try</th>
          </tr>
        </thead>
        <tbody>
          {queues.map((one) => (
            <tr key={`${one.room_id} ${one.format} ${one.target}`}>
              <td data-label="Receiver" className="main-cell">
                <Link to={{ at: 'room', id: one.room_id }} className="row-link" title="To the room">
                  {one.target}
                </Link>{' '}
                <span className="tag">{one.format}</span>
              </td>
              <td data-label="Events">{countOf(one.waiting, 'event', 'events')}</td>
              <td data-label="Since">
                <Moment at={one.oldest} />
              </td>
              <td data-label="Tries so far">{one.tries}</td>
              <td data-label="Next try">{one.due_at === null ? '–' : <Moment at={one.due_at} />}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}

function AddReceiver({
  account,
  onClose,
  onDone,
}: {
  account: string | null;
  onClose: () => void;
  onDone: () => void;
}) {
  const [format, setFormat] = useState('polyroom');
  const [url, setUrl] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);
  const [made, setMade] = useState<(Webhook & { secret: string | null }) | null>(null);

  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    setTrouble(null);
    try {
      const found = await post<Webhook & { secret: string | null }>(query('/webhooks', { account }), {
        format,
        url,
      });
      onDone();
      if (found.secret === null) onClose();
      else setMade(found);
    } catch (error) {
      setTrouble(wordsOf(error));
    }
  }

  if (made?.secret)
    return (
      <Dialog title="Receiver added" onClose={onClose}>
        <Secrets values={[['secret', made.secret]]}>
          Every message is signed with this secret. It is shown this once: keep it now.
        </Secrets>
        <div className="dialog-buttons">
          <button type="button" className="button primary" onClick={onClose}>
            Done
          </button>
        </div>
      </Dialog>
    );
  return (
    <Dialog title="Add a receiver" onClose={onClose}>
      <form className="form" onSubmit={add}>
        <label>
          Address
          <input
            type="url"
            required
            maxLength={2048}
            placeholder="https://app.example.com/hooks"
            value={url}
            onChange={(event) => setUrl(event.target.value)}
          />
        </label>
        <label>
          In the words of
          <select value={format} onChange={(event) => setFormat(event.target.value)}>
            {FORMATS.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
        {trouble && <Trouble words={trouble} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary">
            Add receiver
          </button>
        </div>
      </form>
    </Dialog>
  );
}
