import { type FormEvent, useEffect, useId, useState } from 'react';
import { useStore } from '../shared/store';
import { type Broadcast, type BroadcastState, broadcastTrouble } from './broadcast';
import { Panel } from './Panel';

interface Props {
  broadcast: Broadcast;
  say: (text: string) => void;
  onClose: () => void;
}

/** Recording, live streaming, and servers the meeting is sent to, as far as the visitor may switch them. */
export function BroadcastPanel({ broadcast, say, onClose }: Props) {
  const state = useStore(broadcast.state);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    broadcast.watchTargets(true);
    return () => broadcast.watchTargets(false);
  }, [broadcast]);
  const attempt = (work: Promise<void>) => {
    setBusy(true);
    void work.catch((error: unknown) => say(broadcastTrouble(error))).finally(() => setBusy(false));
  };
  return (
    <Panel title="Record and stream" onClose={onClose}>
      <div className="broadcast">
        {state.may.record && (
          <Switch
            title="Recording"
            on={state.recorded}
            words={state.recorded ? 'Everybody in one picture is recorded.' : 'Nobody is recorded.'}
            start="Start recording"
            stop="Stop recording"
            busy={busy}
            onSwitch={(on) => attempt(broadcast.record(on))}
          />
        )}
        {state.may.live && (
          <Switch
            title="Live stream"
            on={state.live || state.watch !== null}
            words={liveWords(state)}
            start="Go live"
            stop="Stop live stream"
            busy={busy}
            onSwitch={(on) => attempt(broadcast.live(on))}
          >
            {state.watch !== null && <WatchAddress address={state.watch} say={say} />}
          </Switch>
        )}
        {state.may.send && (
          <Servers state={state} busy={busy} onSend={(url) => attempt(broadcast.send(url))} />
        )}
      </div>
    </Panel>
  );
}

const liveWords = ({ live, watch }: BroadcastState) =>
  live ? 'Whoever has the address watches.' : watch !== null ? 'It begins in a moment.' : 'Nobody watches.';

interface SwitchProps {
  title: string;
  on: boolean;
  words: string;
  start: string;
  stop: string;
  busy: boolean;
  onSwitch: (on: boolean) => void;
  children?: React.ReactNode;
}

function Switch({ title, on, words, start, stop, busy, onSwitch, children }: SwitchProps) {
  const id = useId();
  return (
    <section className="broadcast-part" aria-labelledby={id}>
      <h3 id={id}>
        {title}
        {on && <span className="on-air-dot" aria-hidden="true" />}
      </h3>
      <p>{words}</p>
      {children}
      <button
        type="button"
        className={on ? 'button small danger' : 'button small primary'}
        disabled={busy}
        onClick={() => onSwitch(!on)}
      >
        {on ? stop : start}
      </button>
    </section>
  );
}

function WatchAddress({ address, say }: { address: string; say: (text: string) => void }) {
  const id = useId();
  const copy = () => {
    navigator.clipboard
      ?.writeText(address)
      .then(() => say('The address is copied.'))
      .catch(() => say('The address could not be copied; it can be marked and copied by hand.'));
  };
  return (
    <div className="broadcast-address">
      <label htmlFor={id}>Address for players (HLS)</label>
      <input id={id} readOnly value={address} onFocus={(event) => event.currentTarget.select()} />
      <button type="button" className="button small" onClick={copy}>
        Copy
      </button>
    </div>
  );
}

interface ServersProps {
  state: BroadcastState;
  busy: boolean;
  onSend: (url: string | null) => void;
}

function Servers({ state, busy, onSend }: ServersProps) {
  const [url, setUrl] = useState('');
  const id = useId();
  const send = (event: FormEvent) => {
    event.preventDefault();
    onSend(url.trim());
    setUrl('');
  };
  return (
    <section className="broadcast-part" aria-labelledby={`${id}-title`}>
      <h3 id={`${id}-title`}>Other servers</h3>
      {state.targets.length > 0 && (
        <ul className="broadcast-targets" aria-label="Servers this meeting is sent to">
          {state.targets.map((one) => (
            <li key={one.to}>
              <span className="broadcast-to">{one.to}</span>
              <span className={`broadcast-state ${one.state}`}>{one.state}</span>
              {one.why && <small>{one.why}</small>}
            </li>
          ))}
        </ul>
      )}
      <form onSubmit={send}>
        <label htmlFor={id}>RTMP address with its stream key</label>
        <input
          id={id}
          type="password"
          autoComplete="off"
          placeholder="rtmps://server/app/key"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <button type="submit" className="button small primary" disabled={busy || url.trim() === ''}>
          Send the meeting there
        </button>
      </form>
      {state.targets.length > 0 && (
        <button type="button" className="button small danger" disabled={busy} onClick={() => onSend(null)}>
          Stop sending
        </button>
      )}
    </section>
  );
}
