import { type PointerEvent, useState } from 'react';
import { clock, type Preview, previewAt, spokenPlace } from './times';

interface Props {
  at: number;
  length: number;
  loaded: number;
  previews: readonly Preview[];
  onSeek: (at: number) => void;
}

/** Where it plays, what is loaded, and what is where. */
export function SeekBar({ at, length, loaded, previews, onSeek }: Props) {
  const [pointed, setPointed] = useState<number | null>(null);
  const point = (event: PointerEvent<HTMLElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    setPointed(box.width > 0 ? Math.min(1, Math.max(0, (event.clientX - box.left) / box.width)) : null);
  };
  const moment = pointed === null ? 0 : pointed * length;
  const preview = pointed === null ? null : previewAt(previews, moment);
  const played = length > 0 ? Math.min(1, at / length) : 0;
  return (
    <div className="player-seek" onPointerMove={point} onPointerLeave={() => setPointed(null)}>
      <div className="player-track" aria-hidden="true">
        <span style={{ transform: `scaleX(${loaded})` }} className="loaded" />
        <span style={{ transform: `scaleX(${played})` }} className="played" />
      </div>
      <input
        type="range"
        min={0}
        max={length || 1}
        step={0.1}
        value={Math.min(at, length || 1)}
        disabled={length <= 0}
        onChange={(event) => onSeek(Number(event.target.value))}
        aria-label="Seek"
        aria-valuetext={spokenPlace(at, length)}
      />
      {pointed !== null && length > 0 && (
        <div
          className="player-preview"
          style={{ left: `clamp(84px, ${pointed * 100}%, 100% - 84px)` }}
          aria-hidden="true"
        >
          {preview && (
            <span
              style={{
                width: preview.width,
                height: preview.height,
                backgroundImage: `url("${preview.image}")`,
                backgroundPosition: `-${preview.x}px -${preview.y}px`,
              }}
            />
          )}
          {clock(moment)}
        </div>
      )}
    </div>
  );
}
