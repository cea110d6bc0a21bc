// The visitor's side of being in charge: what is asked first, what is tried, and what is said about it.
import { useEffect, useMemo, useState } from 'react';
import { useStore } from '../shared/store';
import { RefusedError } from './api';
import type { HostActions } from './PersonActions';
import type { Person } from './people';
import type { Session } from './session';
import { toldWords } from './words';

export type Question = { about: 'remove'; person: Person } | { about: 'mute-all' } | { about: 'end' };

const NOT_DONE = 'That did not work. Please try again.';

export function useHost(session: Session, say: (text: string) => void) {
  const { host } = session;
  const { standing, asked } = useStore(host.state);
  const [question, setQuestion] = useState<Question | null>(null);

  useEffect(() => {
    host.onTold = (told) => {
      const me = session.state.get().joined.identity;
      const other = session.room.getParticipantByIdentity(told.identity);
      const name = told.identity === me ? null : other?.name || told.identity;
      const words = toldWords(told, name, told.by_identity === me);
      if (words) say(words);
    };
    return () => {
      host.onTold = null;
    };
  }, [host, session, say]);

  const actions = useMemo(() => {
    const attempt = (work: Promise<void>) => {
      work.catch((error: unknown) => {
        const known = error instanceof RefusedError && error.status >= 400 && error.status < 500;
        say((known && error.message) || NOT_DONE);
      });
    };
    const found: HostActions & {
      askToMuteAll: () => void;
      askToEnd: () => void;
      remove: (person: Person, keepOut: boolean) => void;
      muteAll: (stay: boolean) => void;
      end: (lock: boolean) => void;
    } = {
      mute: (person) => attempt(host.mute(person.identity)),
      letSpeak: (person) => attempt(host.unmute(person.identity)),
      askToRemove: (person) => setQuestion({ about: 'remove', person }),
      changeRole: (person, role) => attempt(host.changeRole(person.identity, role)),
      askToMuteAll: () => setQuestion({ about: 'mute-all' }),
      askToEnd: () => setQuestion({ about: 'end' }),
      remove: (person, keepOut) => attempt(host.remove(person.identity, keepOut)),
      muteAll: (stay) => attempt(host.mute(null, stay)),
      end: (lock) => attempt(host.end(lock)),
    };
    return found;
  }, [host, say]);

  return {
    standing,
    asked,
    answered: () => host.answered(),
    question,
    close: () => setQuestion(null),
    actions,
  };
}

export type HostView = ReturnType<typeof useHost>;
