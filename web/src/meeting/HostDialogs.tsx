// What cannot be taken back, or concerns many, is asked about first.
import { useState } from 'react';
import { Choice, Dialog } from './Dialog';

interface RemoveProps {
  name: string;
  onRemove: (keepOut: boolean) => void;
  onClose: () => void;
}

export function RemoveDialog({ name, onRemove, onClose }: RemoveProps) {
  const [keepOut, setKeepOut] = useState(false);
  return (
    <Dialog title={`Remove ${name}?`} onClose={onClose}>
      <p>{name} leaves the meeting at once and is told that you did it.</p>
      <Choice checked={keepOut} onChange={setKeepOut}>
        Do not let {name} back into this meeting
        <small>Whoever has the same link and is not inside yet is kept out, too.</small>
      </Choice>
      <Answers onClose={onClose} danger yes="Remove" onYes={() => onRemove(keepOut)} />
    </Dialog>
  );
}

interface MuteAllProps {
  onMute: (stay: boolean) => void;
  onClose: () => void;
}

export function MuteAllDialog({ onMute, onClose }: MuteAllProps) {
  const [stay, setStay] = useState(false);
  return (
    <Dialog title="Mute everybody else?" onClose={onClose}>
      <p>Every microphone but yours is switched off.</p>
      <Choice checked={stay} onChange={setStay}>
        They can speak again only when a host lets them
      </Choice>
      <Answers onClose={onClose} yes="Mute all" onYes={() => onMute(stay)} />
    </Dialog>
  );
}

interface EndProps {
  onEnd: (lock: boolean) => void;
  onClose: () => void;
}

export function EndDialog({ onEnd, onClose }: EndProps) {
  const [lock, setLock] = useState(false);
  return (
    <Dialog title="End the meeting for everybody?" onClose={onClose}>
      <p>Everybody is taken out, you too.</p>
      <Choice checked={lock} onChange={setLock}>
        Close the room as well
        <small>Nobody comes in again until it is opened where it was made.</small>
      </Choice>
      <Answers onClose={onClose} danger yes="End for all" onYes={() => onEnd(lock)} />
    </Dialog>
  );
}

interface AskedProps {
  by: string;
  onYes: () => void;
  onClose: () => void;
}

/** Nobody but its owner turns a microphone on. */
export function AskedDialog({ by, onYes, onClose }: AskedProps) {
  return (
    <Dialog title={`${by} asks you to speak`} onClose={onClose}>
      <p>Your microphone is off. The others hear you once you turn it on.</p>
      <Answers onClose={onClose} yes="Turn on microphone" no="Stay muted" onYes={onYes} />
    </Dialog>
  );
}

interface AnswersProps {
  yes: string;
  no?: string;
  danger?: boolean;
  onYes: () => void;
  onClose: () => void;
}

function Answers({ yes, no = 'Cancel', danger = false, onYes, onClose }: AnswersProps) {
  return (
    <div className="answers">
      <button type="button" className="button" onClick={onClose}>
        {no}
      </button>
      <button
        type="button"
        className={danger ? 'button danger' : 'button primary'}
        onClick={() => {
          onYes();
          onClose();
        }}
      >
        {yes}
      </button>
    </div>
  );
}
