import { type FormEvent, useEffect, useRef, useState } from 'react';
import { signIn, wordsOf } from './api';
import { Mark } from './Shell';

export function SignIn({ over }: { over: boolean }) {
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);
  const box = useRef<HTMLInputElement>(null);
  useEffect(() => {
    document.title = 'Sign in – polyroom console';
    box.current?.focus();
  }, []);

  async function send(event: FormEvent): Promise<void> {
    event.preventDefault();
    if (!key.trim() || busy) return;
    setBusy(true);
    setTrouble(null);
    try {
      await signIn(key.trim());
    } catch (error) {
      setTrouble(wordsOf(error));
      setBusy(false);
      box.current?.select();
    }
  }

  return (
    <main className="sign-in">
      <div className="sign-in-card">
        <Mark />
        <h1>Sign in to the console</h1>
        {over && (
          <p className="sign-in-note">You were signed out: the time was over, or the key was revoked.</p>
        )}
        <form onSubmit={send}>
          <label htmlFor="key">Key</label>
          <input
            id="key"
            ref={box}
            type="password"
            autoComplete="current-password"
            spellCheck={false}
            value={key}
            aria-invalid={trouble !== null}
            aria-describedby="key-help key-trouble"
            onChange={(event) => setKey(event.target.value)}
          />
          <p id="key-trouble" className="field-trouble" role="alert">
            {trouble}
          </p>
          <button type="submit" className="button primary wide" disabled={busy || !key.trim()}>
            {busy ? 'Signing in…' : 'Sign in'}
          </button>
        </form>
        <div id="key-help" className="sign-in-help">
          <p>
            <strong>The operator's key</strong> sees every account and the server itself. Run{' '}
            <code>polyroom console</code> on the server to read it.
          </p>
          <p>
            <strong>A key of an account</strong> sees that account: any secret or token that{' '}
            <code>polyroom credentials</code> prints.
          </p>
        </div>
      </div>
    </main>
  );
}
