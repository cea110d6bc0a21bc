// Stepping in: each asks first.
import { post } from './api';
import { Ask } from './parts';
import { query } from './routes';
import type { Person } from './types';

interface Common {
  account: string | null;
  onClose: () => void;
  onDone: () => void;
}

export function EndSession({ id, account, onClose, onDone }: Common & { id: string }) {
  return (
    <Ask
      title="End this session?"
      text="Everybody is put out at once. They may come in again; the room stays."
      verb="End session"
      onClose={onClose}
      onYes={async () => {
        await post(query(`/sessions/${id}/end`, { account }));
        onDone();
      }}
    />
  );
}

export function RemovePerson({
  person,
  session,
  account,
  onClose,
  onDone,
}: Common & { person: Person; session: string }) {
  return (
    <Ask
      title={`Remove ${person.name || person.identity}?`}
      text="They are put out of the room at once."
      verb="Remove"
      onClose={onClose}
      onYes={async () => {
        await post(query(`/sessions/${session}/people/${person.id}/remove`, { account }));
        onDone();
      }}
    />
  );
}
