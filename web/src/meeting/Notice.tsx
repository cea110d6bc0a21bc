import { useEffect, useRef } from 'react';
import type { Words } from './words';

/** A whole page that says one thing: why there is no meeting here, and what helps. */
export function Notice({ words, room, onAgain }: { words: Words; room: string | null; onAgain: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    heading.current?.focus();
  }, []);
  return (
    <main className="notice">
      {room && <p className="notice-room">{room}</p>}
      <h1 ref={heading} tabIndex={-1}>
        {words.title}
      </h1>
      <p role="alert">{words.text}</p>
      {words.remedy !== 'none' && (
        <button type="button" className="button primary" onClick={onAgain}>
          {words.remedy === 'retry' ? 'Try again' : 'Back to the entrance'}
        </button>
      )}
    </main>
  );
}
