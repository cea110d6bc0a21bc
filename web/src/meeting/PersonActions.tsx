import { useId } from 'react';
import type { PersonStanding, Standing } from './api';
import type { Person } from './people';

export interface HostActions {
  mute: (person: Person) => void;
  letSpeak: (person: Person) => void;
  askToRemove: (person: Person) => void;
  changeRole: (person: Person, role: string) => void;
}

interface Props {
  person: Person;
  known: PersonStanding;
  standing: Standing;
  actions: HostActions;
}

/** Everything the visitor's role lets them do to one person; nothing of it is there to be refused. */
export function PersonActions(props: Props) {
  const { person, known, standing, actions } = props;
  const voice = voiceOf(props);
  const may = standing.permissions;
  const roles = standing.roles.map((role) => role.name);
  const select = useId();
  return (
    <fieldset className="person-actions" aria-label={`Manage ${person.name}`}>
      {voice && (
        <button type="button" className="button small" onClick={() => voice.act(person)}>
          {voice.words}
        </button>
      )}
      {may.remove_others && !person.me && (
        <button type="button" className="button small danger" onClick={() => actions.askToRemove(person)}>
          Remove…
        </button>
      )}
      {may.change_role && roles.length > 1 && (
        <span className="role-choice">
          <label htmlFor={select}>Role</label>
          <select
            id={select}
            value={known.role}
            onChange={(event) => actions.changeRole(person, event.target.value)}
          >
            {roles.includes(known.role) || <option>{known.role}</option>}
            {roles.map((role) => (
              <option key={role}>{role}</option>
            ))}
          </select>
        </span>
      )}
    </fieldset>
  );
}

/** One button, whatever it says, so that the focus stays on it. */
function voiceOf({ person, known, standing, actions }: Props) {
  const may = standing.permissions;
  if (person.me) return null;
  if (person.microphoneOn) return may.mute ? { words: 'Mute', act: actions.mute } : null;
  if (!may.unmute || !known.may_speak) return null;
  return { words: known.held ? 'Let speak' : 'Ask to speak', act: actions.letSpeak };
}

/** Whether there is anything at all. */
export function canAct(person: Person, known: PersonStanding | undefined, standing: Standing): boolean {
  if (!known) return false;
  const may = standing.permissions;
  if (may.change_role && standing.roles.length > 1) return true;
  if (person.me) return false;
  if (may.remove_others) return true;
  return person.microphoneOn ? may.mute : may.unmute && known.may_speak;
}
