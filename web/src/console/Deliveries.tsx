import { useState } from 'react';
import { post } from './api';
import { exactTimeOf } from './format';
import { useList, useLive } from './live';
import { Act, Badge, Card, Empty, Link, Listing, Loading, type Look, Moment } from './parts';
import { query } from './routes';
import { Choice } from './Sessions';
import type { Attempt, Delivery } from './types';
import { errorWord } from './words';

const CHOICES = [
  { name: 'All', active: null },
  { name: 'Failing', active: true },
] as const;

const LOOKS: Record<Delivery['state'], [Look, string]> = {
  waiting: ['wait', 'Waiting'],
  delivered: ['good', 'Delivered'],
  failed: ['bad', 'Given up'],
  skipped: ['quiet', 'Skipped'],
};

export function Deliveries({ account }: { account: string | null }) {
  const [failing, setFailing] = useState<true | null>(null);
  const list = useList<Delivery>(query('/deliveries', { account, failing }));
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Card
      title="Deliveries"
      note="The latest first"
      actions={<Choice choices={CHOICES} chosen={failing} onChoose={setFailing} label="Which deliveries" />}
      flush
    >
      <Listing
        list={list}
        empty={<Empty title={failing ? 'Nothing is failing.' : 'Nothing was told to anybody yet.'} />}
      >
        {(items) => (
          <ul className="deliveries">
            {items.map((one) => (
              <Row
                key={one.id}
                delivery={one}
                account={account}
                open={one.id === open}
                onOpen={() => setOpen(one.id === open ? null : one.id)}
                onReplayed={list.again}
              />
            ))}
          </ul>
        )}
      </Listing>
    </Card>
  );
}

interface RowProps {
  delivery: Delivery;
  account: string | null;
  open: boolean;
  onOpen: () => void;
  onReplayed: () => void;
}

function Row({ delivery, account, open, onOpen, onReplayed }: RowProps) {
  const [look, word] = LOOKS[delivery.state];
  const again = delivery.state === 'waiting' && delivery.last !== null;
  return (
    <li className={open ? 'delivery open' : 'delivery'}>
      <button type="button" className="delivery-head" aria-expanded={open} onClick={onOpen}>
        <Badge look={again ? 'bad' : look}>{again ? 'Trying again' : word}</Badge>
        <span className="delivery-type">
          {delivery.event_type}
          {delivery.is_replay && <span className="tag">replay</span>}
        </span>
        <span className="delivery-to">
          <span className="tag">{delivery.format}</span>
          <span className="clip">{delivery.last ? delivery.last.url : 'not tried yet'}</span>
        </span>
        <Answer attempt={delivery.last} />
        <Moment at={delivery.created_at} />
      </button>
      {open && <Attempts delivery={delivery} account={account} onReplayed={onReplayed} />}
    </li>
  );
}

function Answer({ attempt }: { attempt: Attempt | null }) {
  if (!attempt) return <span className="soft">–</span>;
  return (
    <span className="soft">{`${attempt.status ?? errorWord(attempt.error)} in ${attempt.milliseconds} ms`}</span>
  );
}

type Told = Delivery & { attempts: Attempt[] };

function Attempts({
  delivery,
  account,
  onReplayed,
}: {
  delivery: Delivery;
  account: string | null;
  onReplayed: () => void;
}) {
  const live = useLive<Told>(query(`/deliveries/${delivery.id}`, { account }));
  const [queued, setQueued] = useState<number | null>(null);
  return (
    <div className="delivery-more">
      <div className="delivery-actions">
        <Act
          verb="Replay"
          busyVerb="Queueing…"
          title="Tell this event again to whoever hears it now"
          run={async () => {
            const body = { events: [delivery.event_id] };
            setQueued((await post<{ queued: number }>(query('/replay', { account }), body)).queued);
            onReplayed();
          }}
        />
        {queued !== null && (
          <span role="status" className="done-note">
            {queued === 0 ? 'Nobody hears this event now.' : 'Queued again'}
          </span>
        )}
        <Link to={{ at: 'room', id: delivery.room_id }}>To the room</Link>
        <span className="soft">
          event <code>{delivery.event_id}</code>
        </span>
      </div>
      <Loading live={live}>
        {(found) =>
          found.attempts.length === 0 ? (
            <p className="empty-line">It was not tried yet.</p>
          ) : (
            <ol className="attempts">
              {found.attempts.map((one) => (
                <li key={one.number}>
                  <span className="soft">{`Try ${one.number}`}</span>
                  <time dateTime={new Date(one.at).toISOString()}>{exactTimeOf(one.at)}</time>
                  <Badge look={one.error ? 'bad' : 'good'}>{one.status ?? errorWord(one.error)}</Badge>
                  <span>{`${one.milliseconds} ms`}</span>
                  <code className="breaks">{one.url}</code>
                  {one.answer && <code className="attempt-answer">{one.answer}</code>}
                </li>
              ))}
            </ol>
          )
        }
      </Loading>
    </div>
  );
}
