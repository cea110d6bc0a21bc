// The small parts every page of the console is made of.
import {
  type AnchorHTMLAttributes,
  type MouseEvent,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react';
import { wordsOf } from './api';
import { momentOf, wholeTime } from './format';
import type { Live, LiveList } from './live';
import { address, go, type Place, where } from './routes';

interface LinkProps extends AnchorHTMLAttributes<HTMLAnchorElement> {
  to: Place;
  account?: string | null;
}

/** A link within the console: no page load, but every way a browser opens links still works. */
export function Link({ to, account = where.get().account, children, ...more }: LinkProps) {
  function follow(event: MouseEvent): void {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    go(to, account);
  }
  return (
    <a href={address(to, account)} onClick={follow} {...more}>
      {children}
    </a>
  );
}

export function Moment({ at }: { at: number }) {
  return (
    <time dateTime={new Date(at).toISOString()} title={wholeTime(at)}>
      {momentOf(at)}
    </time>
  );
}

export type Look = 'live' | 'good' | 'quiet' | 'bad' | 'wait' | 'note';

export function Badge({ look, children }: { look: Look; children: ReactNode }) {
  return <span className={`badge ${look}`}>{children}</span>;
}

export function Head({ title, lead, children }: { title: string; lead?: ReactNode; children?: ReactNode }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} – polyroom console`;
  }, [title]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <header className="head">
      <div className="head-words">
        <h1 ref={heading} tabIndex={-1}>
          {title}
        </h1>
        {lead && <p className="lead">{lead}</p>}
      </div>
      {children && <div className="head-actions">{children}</div>}
    </header>
  );
}

interface CardProps {
  title?: string;
  note?: ReactNode;
  actions?: ReactNode;
  flush?: boolean;
  children: ReactNode;
}

export function Card({ title, note, actions, flush = false, children }: CardProps) {
  const id = useId();
  return (
    <section className={flush ? 'card flush' : 'card'} aria-labelledby={title ? id : undefined}>
      {title && (
        <div className="card-head">
          <h2 id={id}>{title}</h2>
          {note && <p className="card-note">{note}</p>}
          {actions && <div className="card-actions">{actions}</div>}
        </div>
      )}
      {children}
    </section>
  );
}

export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <div className="empty">
      <p className="empty-title">{title}</p>
      {children && <p>{children}</p>}
    </div>
  );
}

/** What stands in for something while it is loading, when it is not there, or when it cannot be had. */
export function Loading<T>({ live, children }: { live: Live<T>; children: (data: T) => ReactNode }) {
  if (live.data === null) {
    if (live.missing) return <Empty title={live.trouble ?? 'It is not there.'} />;
    if (live.trouble) return <Trouble words={live.trouble} again={live.again} />;
    return <Skeleton />;
  }
  return (
    <>
      {live.trouble && <Trouble words={live.trouble} again={live.again} />}
      {children(live.data)}
    </>
  );
}

function Skeleton() {
  return (
    <div className="skeleton" role="status">
      <span className="hidden-words">Loading…</span>
      <i />
      <i />
      <i />
    </div>
  );
}

export function Trouble({ words, again }: { words: string; again?: () => void }) {
  return (
    <div className="trouble" role="alert">
      <p>{words}</p>
      {again && (
        <button type="button" className="button small" onClick={again}>
          Try again
        </button>
      )}
    </div>
  );
}

interface ListProps<T> {
  list: LiveList<T>;
  empty: ReactNode;
  children: (items: T[]) => ReactNode;
}

/** A list by pages with its states. */
export function Listing<T>({ list, empty, children }: ListProps<T>) {
  const [busy, setBusy] = useState(false);
  async function more(): Promise<void> {
    setBusy(true);
    await list.more();
    setBusy(false);
  }
  return (
    <Loading live={list}>
      {(found) =>
        found.items.length === 0 ? (
          empty
        ) : (
          <>
            {children(found.items)}
            {found.next !== null && (
              <div className="more">
                <button type="button" className="button small" onClick={more} disabled={busy}>
                  {busy ? 'Loading…' : 'Show more'}
                </button>
              </div>
            )}
          </>
        )
      }
    </Loading>
  );
}

interface AskProps {
  title: string;
  text: ReactNode;
  verb: string;
  danger?: boolean;
  onClose: () => void;
  onYes: () => Promise<void>;
}

/** Asks before something that cannot be undone; says what went wrong without closing. */
export function Ask({ title, text, verb, danger = true, onClose, onYes }: AskProps) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  async function yes(): Promise<void> {
    setBusy(true);
    setTrouble(null);
    try {
      await onYes();
      onClose();
    } catch (error) {
      setTrouble(wordsOf(error));
      setBusy(false);
    }
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="dialog-text">{text}</div>
      {trouble && <Trouble words={trouble} />}
      <div className="dialog-buttons">
        <button type="button" className="button" onClick={onClose}>
          Cancel
        </button>
        <button
          type="button"
          className={danger ? 'button danger' : 'button primary'}
          onClick={yes}
          disabled={busy}
        >
          {verb}
        </button>
      </div>
    </Dialog>
  );
}

export function Dialog({
  title,
  onClose,
  children,
}: {
  title: string;
  onClose: () => void;
  children: ReactNode;
}) {
  const box = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    box.current?.showModal();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <dialog ref={box} className="dialog" aria-labelledby={id} onClose={onClose}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}

/** Values that are shown this once, each with a button that copies it. */
export function Secrets({ values, children }: { values: [string, string][]; children: ReactNode }) {
  return (
    <div className="secrets">
      <p className="secrets-note">{children}</p>
      <dl>
        {values.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <code>{value}</code>
              <Copy text={value} name={name} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

export function Copy({ text, name }: { text: string; name: string }) {
  const [done, setDone] = useState(false);
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
      setTimeout(() => setDone(false), 2000);
    } catch {
      setDone(false);
    }
  }
  return (
    <button type="button" className="button small quiet-button" onClick={copy} aria-label={`Copy ${name}`}>
      {done ? 'Copied' : 'Copy'}
    </button>
  );
}

/** An action with its own waiting and failing. */
export function Act({ verb, busyVerb, run, title }: ActProps) {
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  async function act(): Promise<void> {
    if (busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await run();
    } catch (error) {
      setTrouble(wordsOf(error));
    }
    setBusy(false);
  }
  return (
    <>
      {/* Not disabled while it waits: it would lose the focus. */}
      <button type="button" className="button small" onClick={act} aria-disabled={busy} title={title}>
        {busy ? busyVerb : verb}
      </button>
      {trouble && (
        <span role="alert" className="act-trouble">
          {trouble}
        </span>
      )}
    </>
  );
}

interface ActProps {
  verb: string;
  busyVerb: string;
  run: () => Promise<void>;
  title?: string;
}
