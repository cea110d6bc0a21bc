// A video room: its video in a player, or why there is none yet.
import { type FormEvent, useCallback, useEffect, useId, useRef, useState } from 'react';
import './watch.css';
import { type LobbyAnswer, RefusedError } from '../meeting/api';
import type { MeetingLink } from '../meeting/link';
import { refusalWords, type Words } from '../meeting/words';
import { Player } from '../player/Player';
import { askToPlay, type PlayAnswer, tellHere, tellLeft, tellView } from './api';
import { CANNOT_PLAY, comingWords, viewsWords } from './words';

interface Props {
  link: MeetingLink;
  lobby: LobbyAnswer;
  /** There is nothing to watch any more, and why. */
  onEnd: (words: Words) => void;
}

const ASK_AGAIN = 3_000;
const STILL_HERE = 10_000;
const BROKEN_TWICE_WITHIN = 10_000;

export function Watch({ link, lobby, onEnd }: Props) {
  const [code, setCode] = useState<string | null>(null);
  const [answer, setAnswer] = useState<PlayAnswer | null>(null);
  const [startAt, setStartAt] = useState(0);
  const [trouble, setTrouble] = useState<Words | null>(null);
  const brokenAt = useRef(0);
  const asksCode = lobby.needs_access_code && code === null;

  const ask = useCallback(
    async (accessCode: string | null) => {
      try {
        setAnswer(await askToPlay(link, accessCode));
        setTrouble(null);
      } catch (error) {
        const known = error instanceof RefusedError ? error : new RefusedError('server_error', 0, '');
        const words = refusalWords(known.code, known.message, known.retryAfter);
        if (known.code.startsWith('access_code_')) {
          setTrouble(words);
          setCode(null);
        } else onEnd(words);
      }
    },
    [link, onEnd],
  );

  useEffect(() => {
    if (!asksCode) void ask(code);
  }, [ask, asksCode, code]);
  useEffect(() => {
    if (!answer || answer.play) return;
    const timer = window.setTimeout(() => void ask(code), ASK_AGAIN);
    return () => window.clearTimeout(timer);
  }, [answer, ask, code]);
  useStillHere(answer?.play ?? null, onEnd);

  const onBroken = (at: number) => {
    const twice = Date.now() - brokenAt.current < BROKEN_TWICE_WITHIN;
    brokenAt.current = Date.now();
    if (twice) {
      onEnd(CANNOT_PLAY);
      return;
    }
    // The way to its files may have ended with its time, or another video taken this one's place.
    setStartAt(at);
    void ask(code);
  };

  if (asksCode) return <CodeForm name={lobby.room.name} trouble={trouble} onCode={setCode} />;
  const video = answer?.video;
  const { name, description } = answer?.room ?? lobby.room;
  return (
    <main className="watch">
      {video && answer.play ? (
        <Player
          key={answer.play}
          title={name}
          source={{
            url: video.master,
            length: video.seconds,
            startAt,
            poster: video.poster,
            previews: video.thumbnails,
            width: video.width,
            height: video.height,
          }}
          onBegan={() => {
            // Not counting is no reason to stop watching.
            tellView(answer.play as string, video.id).catch(() => {});
          }}
          onBroken={onBroken}
        />
      ) : (
        <Coming answer={answer} />
      )}
      <header className="watch-words">
        <h1>{name}</h1>
        {video && <p className="watch-views">{viewsWords(video.views)}</p>}
        {description && <p className="watch-description">{description}</p>}
      </header>
    </main>
  );
}

function Coming({ answer }: { answer: PlayAnswer | null }) {
  if (!answer)
    return (
      <div className="watch-coming" role="status">
        Opening the video…
      </div>
    );
  const { title, text, percent } = comingWords(answer.coming);
  return (
    <div className="watch-coming" role="status">
      <h2>{title}</h2>
      {percent !== null && <progress max={100} value={percent} aria-label="Prepared so far" />}
      <p>{percent ? `${percent} %. ${text}` : text}</p>
    </div>
  );
}

function CodeForm(props: { name: string; trouble: Words | null; onCode: (code: string) => void }) {
  const [text, setText] = useState('');
  const [missing, setMissing] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const id = useId();
  useEffect(() => {
    box.current?.focus();
  }, []);
  function submit(event: FormEvent): void {
    event.preventDefault();
    const code = text.trim();
    setMissing(!code);
    if (code) props.onCode(code);
    else box.current?.focus();
  }
  const problem = missing
    ? 'Please type the access code first.'
    : props.trouble && `${props.trouble.title}. ${props.trouble.text}`;
  return (
    <main className="watch watch-door">
      <h1>{props.name}</h1>
      <form onSubmit={submit} noValidate>
        <label htmlFor={id}>Access code</label>
        <input
          ref={box}
          id={id}
          type="text"
          autoComplete="off"
          autoCapitalize="off"
          spellCheck={false}
          maxLength={128}
          value={text}
          onChange={(event) => setText(event.target.value)}
          aria-invalid={missing || props.trouble !== null}
          aria-describedby={`${id}-help`}
        />
        <p id={`${id}-help`} className="watch-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="button primary wide">
          Watch
        </button>
      </form>
    </main>
  );
}

/** Says every few seconds that somebody watches, and that they went; hears when they may not any more. */
function useStillHere(play: string | null, onEnd: (words: Words) => void): void {
  useEffect(() => {
    if (!play) return;
    const timer = window.setInterval(() => {
      tellHere(play).catch((error: unknown) => {
        if (error instanceof RefusedError && error.status >= 400 && error.status < 500)
          onEnd(refusalWords(error.code, error.message, error.retryAfter));
      });
    }, STILL_HERE);
    const leave = () => tellLeft(play);
    window.addEventListener('pagehide', leave);
    return () => {
      window.clearInterval(timer);
      window.removeEventListener('pagehide', leave);
      tellLeft(play);
    };
  }, [play, onEnd]);
}
