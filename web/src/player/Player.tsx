// A player of HLS with its own controls: on demand with seeking and previews, or live.
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import './player.css';
import { PlayerIcon } from './PlayerIcon';
import { SeekBar } from './SeekBar';
import { clock, commandOf } from './times';
import { useFullscreen, usePlayback, usePreviews, useStream } from './usePlayback';

export interface Source {
  /** The master playlist. */
  url: string;
  live?: boolean;
  /** Seconds, where they are known beforehand. */
  length?: number;
  startAt?: number;
  poster?: string | null;
  /** A WebVTT track of small pictures. */
  previews?: string | null;
  width?: number;
  height?: number;
}

interface Props {
  source: Source;
  title: string;
  /** The picture moves, for the first time. */
  onBegan?: () => void;
  /** Nothing more can be loaded; it stood at so many seconds. */
  onBroken: (at: number) => void;
}

const QUIET_AFTER = 3000;

export function Player({ source, title, onBegan, onBroken }: Props) {
  const frame = useRef<HTMLElement>(null);
  const video = useRef<HTMLVideoElement>(null);
  const live = source.live ?? false;
  const state = usePlayback(video, source.length ?? 0);
  const stream = { url: source.url, live, startAt: source.startAt ?? 0 };
  const { choices, engine } = useStream(video, stream, onBroken);
  const previews = usePreviews(source.previews ?? null);
  const [full, toggleFull] = useFullscreen(frame);
  const [level, setLevel] = useState(-1);
  const [busy, wake] = useBusy();
  const told = useRef(false);

  useEffect(() => {
    if (!state.began || told.current) return;
    told.current = true;
    onBegan?.();
  }, [state.began, onBegan]);

  const toggle = () => {
    const one = video.current;
    if (!one) return;
    if (one.paused || one.ended) void one.play().catch(() => {});
    else one.pause();
  };
  const seek = (at: number) => {
    const one = video.current;
    if (one && !live) one.currentTime = Math.min(Math.max(0, at), state.length || at);
  };
  const turn = (volume: number) => {
    const one = video.current;
    if (!one) return;
    one.volume = Math.min(1, Math.max(0, volume));
    one.muted = one.volume === 0;
  };
  const mute = () => {
    const one = video.current;
    if (!one) return;
    if (one.volume === 0) turn(0.5);
    else one.muted = !one.muted;
  };
  const keys = (event: KeyboardEvent) => {
    const focus = event.target instanceof HTMLElement ? event.target : null;
    const type = focus instanceof HTMLInputElement ? focus.type : '';
    const modified = event.ctrlKey || event.metaKey || event.altKey;
    const command = commandOf(event.key, modified, focus ? { tag: focus.tagName, type } : null);
    if (!command) return;
    event.preventDefault();
    wake();
    switch (command.do) {
      case 'toggle':
        return toggle();
      case 'mute':
        return mute();
      case 'fullscreen':
        return toggleFull();
      case 'seek':
        return seek((video.current?.currentTime ?? 0) + command.by);
      case 'volume':
        return turn((video.current?.volume ?? 1) + command.by);
    }
  };

  const shape = source.width && source.height ? `${source.width} / ${source.height}` : '16 / 9';
  const quiet = state.playing && !busy;
  return (
    <section
      ref={frame}
      className={quiet ? 'player quiet' : 'player'}
      style={{ '--shape': shape } as React.CSSProperties}
      aria-label={`Player: ${title}`}
      onKeyDown={keys}
      onPointerMove={wake}
      onFocus={wake}
    >
      <video
        ref={video}
        playsInline
        preload="metadata"
        poster={source.poster ?? undefined}
        onClick={toggle}
      />
      {!state.playing && !state.waiting && (
        <button
          type="button"
          className="player-big"
          onClick={toggle}
          aria-label={state.ended ? 'Play again' : 'Play'}
        >
          <PlayerIcon name={state.ended ? 'again' : 'play'} />
        </button>
      )}
      {state.waiting && <span className="player-wait" role="status" aria-label="Loading" />}
      <div className="player-controls">
        {!live && (
          <SeekBar
            at={state.at}
            length={state.length}
            loaded={state.loaded}
            previews={previews}
            onSeek={seek}
          />
        )}
        <div className="player-row">
          <button
            type="button"
            className="player-button"
            onClick={toggle}
            aria-label={state.playing ? 'Pause' : 'Play'}
          >
            <PlayerIcon name={state.playing ? 'pause' : 'play'} />
          </button>
          <button
            type="button"
            className="player-button"
            onClick={mute}
            aria-label={state.muted ? 'Sound on' : 'Mute'}
          >
            <PlayerIcon name={state.muted ? 'silent' : 'sound'} />
          </button>
          <input
            className="player-volume"
            type="range"
            min={0}
            max={1}
            step={0.05}
            value={state.muted ? 0 : state.volume}
            onChange={(event) => turn(Number(event.target.value))}
            aria-label="Volume"
          />
          {live ? (
            <button type="button" className="player-live" onClick={() => engine.current?.toLive()}>
              Live
            </button>
          ) : (
            <span className="player-time">
              {clock(state.at)} <span className="player-of">/ {clock(state.length)}</span>
            </span>
          )}
          <span className="player-space" />
          {choices.length > 0 && (
            <select
              className="player-quality"
              aria-label="Quality"
              value={level}
              onChange={(event) => {
                setLevel(Number(event.target.value));
                engine.current?.choose(Number(event.target.value));
              }}
            >
              {choices.map((one) => (
                <option key={one.level} value={one.level}>
                  {one.name}
                </option>
              ))}
            </select>
          )}
          <button
            type="button"
            className="player-button"
            onClick={toggleFull}
            aria-label={full ? 'Leave full screen' : 'Full screen'}
          >
            <PlayerIcon name={full ? 'small' : 'full'} />
          </button>
        </div>
      </div>
    </section>
  );
}

/** Whether something moved lately; the controls hide while nothing does. */
function useBusy(): [boolean, () => void] {
  const [busy, setBusy] = useState(true);
  const timer = useRef<number>(0);
  const wake = () => {
    setBusy(true);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setBusy(false), QUIET_AFTER);
  };
  useEffect(() => () => window.clearTimeout(timer.current), []);
  return [busy, wake];
}
