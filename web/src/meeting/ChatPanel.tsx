import { type FormEvent, type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { useStore } from '../shared/store';
import { type Chat, LONGEST_LINE } from './chat';
import { Panel } from './Panel';
import type { Person } from './people';

interface Props {
  chat: Chat;
  welcome: string | null;
  mayWrite: boolean;
  /** Whom the room lets people write to; null while that is not known. */
  rules: { public: boolean; private: boolean } | null;
  others: Person[];
  connected: boolean;
  onClose: () => void;
}

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });

export function ChatPanel({ chat, welcome, mayWrite, rules, others, connected, onClose }: Props) {
  const { lines, received } = useStore(chat.state);
  const [text, setText] = useState('');
  const [to, setTo] = useState('');
  const choice = useId();
  const [trouble, setTrouble] = useState<string | null>(null);
  // Enter was pressed while the connection was away: the line goes out when it is back.
  const [due, setDue] = useState(false);
  const toAll = rules?.public ?? true;
  const whom = others.find((one) => one.identity === to) ?? (toAll ? null : others[0]) ?? null;
  const prompt = `Write to ${whom ? `${whom.name} only` : 'everybody'}`;
  const list = useRef<HTMLOListElement>(null);
  const box = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    box.current?.focus();
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: every new line is seen while this is open
  useEffect(() => {
    chat.markSeen();
  }, [chat, received]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: follow the newest line
  useEffect(() => {
    list.current?.scrollTo({ top: list.current.scrollHeight });
  }, [lines]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the text as it is when the connection is back
  useEffect(() => {
    if (!connected || !due) return;
    setDue(false);
    void send();
  }, [connected, due]);

  async function send(event?: FormEvent | KeyboardEvent): Promise<void> {
    event?.preventDefault();
    const line = text.trim();
    if (!line) return;
    if (!connected) {
      setDue(true);
      return;
    }
    setText('');
    setTrouble(null);
    try {
      await chat.send(line, whom);
    } catch {
      setText(line);
      setTrouble('That line was not sent. Please try again.');
    }
  }

  return (
    <Panel title="Chat" onClose={onClose}>
      {welcome && <p className="welcome">{welcome}</p>}
      <ol className="chat-lines" ref={list} role="log" aria-label="Chat lines" aria-live="off">
        {lines.length === 0 && <li className="chat-empty">Nothing written yet.</li>}
        {lines.map((line) => (
          <li key={line.id} className={line.mine ? 'mine' : ''}>
            <p className="chat-from">
              {line.mine ? 'You' : line.from} <time>{time.format(line.at)}</time>
              {line.only && <span className="chat-only">{line.only}</span>}
            </p>
            <p className="chat-text">{line.text}</p>
          </li>
        ))}
      </ol>
      {mayWrite ? (
        <form className="chat-form" onSubmit={send}>
          {rules?.private && others.length > 0 && (
            <p className="chat-to">
              <label htmlFor={choice}>To</label>
              <select
                id={choice}
                value={whom?.identity ?? ''}
                onChange={(event) => setTo(event.target.value)}
              >
                {toAll && <option value="">Everybody</option>}
                {others.map((one) => (
                  <option key={one.identity} value={one.identity}>
                    {one.name}
                  </option>
                ))}
              </select>
            </p>
          )}
          <textarea
            ref={box}
            rows={2}
            aria-label={prompt}
            placeholder={connected ? prompt : 'Reconnecting…'}
            maxLength={LONGEST_LINE}
            value={text}
            onChange={(event) => {
              setText(event.target.value);
              setDue(false);
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing)
                void send(event);
            }}
          />
          <button type="submit" className="button primary" disabled={!connected}>
            Send
          </button>
          <p role="alert" className="lobby-problem">
            {trouble}
          </p>
          <p role="status" className="chat-due">
            {due && 'This line goes out as soon as the connection is there.'}
          </p>
        </form>
      ) : (
        <p className="panel-foot">You can read along here, but not write.</p>
      )}
    </Panel>
  );
}
