import { useState } from 'react';
import { useList } from './live';
import { Card, Empty, Head, Listing } from './parts';
import { query } from './routes';
import { SessionTable } from './SessionTable';
import type { Session } from './types';

const CHOICES = [
  { name: 'All', active: null },
  { name: 'Live', active: true },
  { name: 'Past', active: false },
] as const;

export function SessionsPage({ account }: { account: string | null }) {
  const [active, setActive] = useState<boolean | null>(null);
  const sessions = useList<Session>(query('/sessions', { account, active }));
  return (
    <>
      <Head title="Sessions" lead="Every stretch of time somebody was in a room, the latest first.">
        <Choice choices={CHOICES} chosen={active} onChoose={setActive} label="Which sessions" />
      </Head>
      <Card flush>
        <Listing list={sessions} empty={<Empty title="There is no such session." />}>
          {(found) => <SessionTable sessions={found} />}
        </Listing>
      </Card>
    </>
  );
}

interface ChoiceProps<T> {
  choices: readonly { name: string; active: T }[];
  chosen: T;
  onChoose: (one: T) => void;
  label: string;
}

export function Choice<T extends string | boolean | null>({
  choices,
  chosen,
  onChoose,
  label,
}: ChoiceProps<T>) {
  return (
    <fieldset className="choice">
      <legend className="hidden-words">{label}</legend>
      {choices.map((one) => (
        <button
          key={one.name}
          type="button"
          aria-pressed={one.active === chosen}
          onClick={() => onChoose(one.active)}
        >
          {one.name}
        </button>
      ))}
    </fieldset>
  );
}
