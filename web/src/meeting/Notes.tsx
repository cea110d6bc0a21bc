// Short announcements: who came, who went, what did not work. Seen for a while, and read aloud.
import { type Participant, RoomEvent } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Session } from './session';

const SHOWN_MS = 5_000;
const SETTLING_MS = 1_500;
const COMING_BACK_MS = 20_000;

export interface Note {
  id: number;
  text: string;
}

export function useNotes(session: Session): { note: Note | null; say: (text: string) => void } {
  const [note, setNote] = useState<Note | null>(null);
  const count = useRef(0);
  const say = useCallback((text: string) => setNote({ id: ++count.current, text }), []);

  useEffect(() => {
    if (!note) return;
    const timer = setTimeout(() => setNote(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [note]);

  useEffect(() => {
    const { room, chat } = session;
    // Whoever is found on arrival did not just come; whoever returns after an outage never left.
    let settled = 0;
    let phase = session.state.get().phase;
    let present = new Map<string, number>();
    const stop = session.state.subscribe(() => {
      const next = session.state.get().phase;
      if (next === phase) return;
      if (next === 'connected') {
        const cameBack = phase === 'reconnecting';
        const welcome = session.state.get().joined.room.welcome_message;
        settled = performance.now() + SETTLING_MS;
        say(cameBack ? 'You are back in the meeting.' : `You are in the meeting. ${welcome ?? ''}`.trim());
      } else if (phase === 'connected') {
        const until = performance.now() + COMING_BACK_MS;
        present = new Map([...room.remoteParticipants.keys()].map((who) => [who, until]));
      }
      phase = next;
    });
    const quiet = () => phase !== 'connected' || performance.now() < settled;
    const came = (who: Participant) => {
      const until = present.get(who.identity);
      present.delete(who.identity);
      const returned = until !== undefined && performance.now() < until + COMING_BACK_MS;
      if (!quiet() && !returned) say(`${who.name || who.identity} joined`);
    };
    const went = (who: Participant) => {
      if (!quiet()) say(`${who.name || who.identity} left`);
    };
    room.on(RoomEvent.ParticipantConnected, came).on(RoomEvent.ParticipantDisconnected, went);
    chat.onLine = (line) => say(`${line.from}: ${line.text.slice(0, 120)}`);
    return () => {
      stop();
      chat.onLine = null;
      room.off(RoomEvent.ParticipantConnected, came).off(RoomEvent.ParticipantDisconnected, went);
    };
  }, [session, say]);

  return { note, say };
}

export function Notes({ note }: { note: Note | null }) {
  return (
    <div className="notes" aria-live="polite">
      {note && <p key={note.id}>{note.text}</p>}
    </div>
  );
}
