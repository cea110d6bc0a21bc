import type { LocalTrack, RemoteTrack } from 'livekit-client';
import { useEffect, useRef } from 'react';
import { Icon } from './Icon';
import type { Box } from './layout';
import { initials, type Person } from './people';

export interface TileInfo {
  key: string;
  person: Person;
  kind: 'camera' | 'screen';
}

interface Props {
  tile: TileInfo;
  box: Box;
  speaking: boolean;
  pinned: boolean;
  onPin: (key: string | null) => void;
}

/** One person, or one shared screen: always exactly one <video>, with or without a picture in it. */
export function Tile({ tile, box, speaking, pinned, onPin }: Props) {
  const { person, kind } = tile;
  const track = kind === 'camera' ? person.camera : person.screen;
  const shown = person.me ? `${person.name} (you)` : person.name;
  const name = kind === 'screen' ? `${person.me ? 'Your' : `${person.name}’s`} screen` : shown;
  const muted = kind === 'camera' && !person.microphoneOn && !person.onlyLooks;
  const facts = [name, muted && 'microphone off', kind === 'camera' && !track && 'camera off'];
  const looks = ['tile', speaking && 'speaking', kind === 'screen' && 'screen', pinned && 'pinned'];
  return (
    <li
      className={looks.filter(Boolean).join(' ')}
      style={{ left: box.x, top: box.y, width: box.w, height: box.h }}
      aria-label={facts.filter(Boolean).join(', ')}
    >
      <Picture track={track} mirrored={person.me && kind === 'camera'} label={`Picture of ${name}`} />
      {!track && (
        <span className="initials" aria-hidden="true">
          <span>{initials(person.name)}</span>
        </span>
      )}
      <p className="plate" aria-hidden="true">
        {muted && <Icon name="mic-off" />}
        <span>{name}</span>
      </p>
      <button
        type="button"
        className="pin"
        aria-pressed={pinned}
        onClick={() => onPin(pinned ? null : tile.key)}
      >
        <Icon name="pin" />
        <span className="hidden-words">{`Show ${name} large`}</span>
      </button>
    </li>
  );
}

interface PictureProps {
  track: RemoteTrack | LocalTrack | null;
  mirrored: boolean;
  label: string;
}

function Picture({ track, mirrored, label }: PictureProps) {
  const video = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const element = video.current;
    if (!element || !track) return;
    track.attach(element);
    // Sound has its own elements; attaching may have opened this one's ears.
    element.muted = true;
    return () => void track.detach(element);
  }, [track]);
  const looks = [mirrored && 'mirrored', !track && 'empty'].filter(Boolean).join(' ');
  return <video ref={video} className={looks} autoPlay muted playsInline aria-label={label} />;
}
