import { type RefObject, useCallback, useEffect, useRef, useState } from 'react';
import { type Engine, openHls } from './engine';
import { type Choice, loadedUntil, type Preview, readPreviews } from './times';

/** What the player shows of its <video>. */
export interface Playback {
  playing: boolean;
  /** Whether it wants to play and has nothing to. */
  waiting: boolean;
  began: boolean;
  ended: boolean;
  at: number;
  length: number;
  loaded: number;
  muted: boolean;
  volume: number;
}

const NOTHING: Playback = {
  playing: false,
  waiting: false,
  began: false,
  ended: false,
  at: 0,
  length: 0,
  loaded: 0,
  muted: false,
  volume: 1,
};

const EVENTS = [
  'play',
  'pause',
  'playing',
  'ended',
  'timeupdate',
  'durationchange',
  'progress',
  'volumechange',
];

/** Follows a <video>. */
export function usePlayback(video: RefObject<HTMLVideoElement | null>, length: number): Playback {
  const [state, setState] = useState<Playback>({ ...NOTHING, length });
  useEffect(() => {
    const one = video.current;
    if (!one) return;
    const read = (event: Event) => {
      const whole = Number.isFinite(one.duration) && one.duration > 0 ? one.duration : length;
      setState((old) => ({
        playing: !one.paused && !one.ended,
        waiting:
          event.type === 'waiting' || (old.waiting && event.type !== 'playing' && event.type !== 'pause'),
        began: old.began || event.type === 'playing',
        ended: one.ended,
        at: one.currentTime,
        length: whole,
        loaded: loadedUntil(one.buffered, one.currentTime, whole),
        muted: one.muted || one.volume === 0,
        volume: one.volume,
      }));
    };
    const events = [...EVENTS, 'waiting', 'seeking', 'seeked'];
    for (const name of events) one.addEventListener(name, read);
    return () => {
      for (const name of events) one.removeEventListener(name, read);
    };
  }, [video, length]);
  return state;
}

/** Opens the stream; where nothing more can be loaded `onBroken` hears where it stood. */
export function useStream(
  video: RefObject<HTMLVideoElement | null>,
  source: { url: string; live: boolean; startAt: number },
  onBroken: (at: number) => void,
): { choices: Choice[]; engine: RefObject<Engine | null> } {
  const [choices, setChoices] = useState<Choice[]>([]);
  const engine = useRef<Engine | null>(null);
  const broken = useRef(onBroken);
  broken.current = onBroken;
  const { url, live, startAt } = source;
  useEffect(() => {
    const one = video.current;
    if (!one) return;
    const opened = openHls(
      one,
      url,
      { live, startAt },
      { onChoices: setChoices, onBroken: () => broken.current(one.currentTime) },
    );
    engine.current = opened;
    if (!opened) broken.current(0);
    return () => {
      opened?.close();
      engine.current = null;
    };
  }, [video, url, live, startAt]);
  return { choices, engine };
}

/** The small pictures of a track; none where it cannot be had. */
export function usePreviews(track: string | null): readonly Preview[] {
  const [previews, setPreviews] = useState<readonly Preview[]>([]);
  useEffect(() => {
    if (!track) return;
    const leaving = new AbortController();
    const absolute = new URL(track, window.location.href).href;
    fetch(absolute, { credentials: 'omit', referrerPolicy: 'no-referrer', signal: leaving.signal })
      .then((answer) => (answer.ok ? answer.text() : ''))
      .then((text) => setPreviews(readPreviews(text, absolute)))
      .catch(() => {});
    return () => leaving.abort();
  }, [track]);
  return previews;
}

/** Full screen of an element, and whether it is in it. */
export function useFullscreen(element: RefObject<HTMLElement | null>): [boolean, () => void] {
  const [full, setFull] = useState(false);
  useEffect(() => {
    const read = () => setFull(document.fullscreenElement === element.current);
    document.addEventListener('fullscreenchange', read);
    return () => document.removeEventListener('fullscreenchange', read);
  }, [element]);
  const toggle = useCallback(() => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void element.current?.requestFullscreen?.().catch(() => {});
  }, [element]);
  return [full, toggle];
}
