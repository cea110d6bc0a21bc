import { type FormEvent, useEffect, useId, useRef, useState } from 'react';
import type { LobbyAnswer } from './api';
import { DeviceCheck } from './DeviceCheck';
import type { Devices } from './devices';
import { roleWords, type Words } from './words';

/** Why one is not in yet. */
export interface Trouble {
  code: string;
  words: Words;
}

interface Props {
  lobby: LobbyAnswer;
  devices: Devices;
  joining: boolean;
  trouble: Trouble | null;
  onJoin: (name: string, accessCode: string | null) => void;
}

const NAME_KEY = 'polyroom.name';

function rememberedName(): string {
  try {
    return window.sessionStorage.getItem(NAME_KEY) ?? '';
  } catch {
    return '';
  }
}

function rememberName(name: string): void {
  try {
    window.sessionStorage.setItem(NAME_KEY, name);
  } catch {
    // Only a convenience.
  }
}

export function Lobby({ lobby, devices, joining, trouble, onJoin }: Props) {
  const [name, setName] = useState(() => lobby.name || rememberedName());
  const [accessCode, setAccessCode] = useState('');
  const [missing, setMissing] = useState<'name' | 'code' | null>(null);
  const nameBox = useRef<HTMLInputElement>(null);
  const codeBox = useRef<HTMLInputElement>(null);
  const nameId = useId();
  const codeId = useId();
  const helpId = useId();
  const { room, role, needs_access_code: asksCode } = lobby;
  const hint = roleWords(role);
  const codeTrouble = trouble?.code.startsWith('access_code_') ?? false;

  useEffect(() => {
    nameBox.current?.focus();
  }, []);
  useEffect(() => {
    if (codeTrouble) codeBox.current?.focus();
  }, [codeTrouble]);

  function submit(event: FormEvent): void {
    event.preventDefault();
    const cleanName = name.trim();
    if (!cleanName) {
      setMissing('name');
      nameBox.current?.focus();
      return;
    }
    if (asksCode && !accessCode.trim()) {
      setMissing('code');
      codeBox.current?.focus();
      return;
    }
    setMissing(null);
    rememberName(cleanName);
    onJoin(cleanName, asksCode ? accessCode.trim() : null);
  }

  const problem =
    missing === 'name'
      ? 'Please type your name first.'
      : missing === 'code'
        ? 'Please type the access code first.'
        : trouble && `${trouble.words.title}. ${trouble.words.text}`;

  return (
    <main className="lobby">
      <header className="lobby-head">
        <p className="lobby-kind">You are invited to</p>
        <h1>{room.name}</h1>
        {room.description && <p className="lobby-description">{room.description}</p>}
      </header>
      <DeviceCheck devices={devices} role={role} />
      <form className="lobby-form" onSubmit={submit} noValidate aria-busy={joining}>
        <label htmlFor={nameId}>Your name</label>
        <input
          ref={nameBox}
          id={nameId}
          type="text"
          autoComplete="name"
          maxLength={lobby.name_is_fixed ? undefined : 80}
          readOnly={lobby.name_is_fixed}
          value={name}
          onChange={(event) => setName(event.target.value)}
          aria-invalid={missing === 'name'}
          aria-describedby={helpId}
        />
        {asksCode && (
          <>
            <label htmlFor={codeId}>Access code</label>
            <input
              ref={codeBox}
              id={codeId}
              type="text"
              autoComplete="off"
              autoCapitalize="off"
              spellCheck={false}
              maxLength={128}
              value={accessCode}
              onChange={(event) => setAccessCode(event.target.value)}
              aria-invalid={missing === 'code' || codeTrouble}
              aria-describedby={helpId}
            />
          </>
        )}
        <p id={helpId} className="lobby-problem" role="alert">
          {problem}
        </p>
        <button type="submit" className="button primary wide" disabled={joining}>
          {joining ? 'Joining…' : 'Join'}
        </button>
        {hint && <p className="lobby-hint">{hint}</p>}
        {lobby.name_is_fixed && <p className="lobby-hint">Your invitation says what you are called.</p>}
      </form>
    </main>
  );
}
