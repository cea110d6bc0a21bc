// Stepping in: each asks first.
import { post, remove } from './api';
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

export function StopBroadcast({ room, account, onClose, onDone }: Common & { room: string }) {
  return (
    <Ask
      title="Stop all that leaves this room?"
      text="The live stream ends, and nothing more is sent to other servers. Recordings go on."
      verb="Stop all"
      onClose={onClose}
      onYes={async () => {
        await post(query(`/rooms/${room}/broadcast/stop`, { account }));
        onDone();
      }}
    />
  );
}

export function StopRecording({ id, account, onClose, onDone }: Common & { id: string }) {
  return (
    <Ask
      title="Stop this recording?"
      text="Its file is made from what was recorded so far."
      verb="Stop recording"
      onClose={onClose}
      onYes={async () => {
        await post(query(`/recordings/${id}/stop`, { account }));
        onDone();
      }}
    />
  );
}

export function DeleteRecording({ id, account, onClose, onDone }: Common & { id: string }) {
  return (
    <Ask
      title="Delete this recording?"
      text="Its files are deleted with it, and their links end."
      verb="Delete"
      onClose={onClose}
      onYes={async () => {
        await remove(query(`/recordings/${id}`, { account }));
        onDone();
      }}
    />
  );
}
