// HLS in a <video>: hls.js where the browser has Media Source Extensions, else the browser's own.
import Hls, { ErrorTypes, Events } from 'hls.js';
import { type Choice, choicesOf } from './times';

export interface Engine {
  /** A size of the choices; -1 leaves it to the player. */
  choose: (level: number) => void;
  /** To where a live stream is now. */
  toLive: () => void;
  close: () => void;
}

export interface Heard {
  onChoices: (choices: Choice[]) => void;
  /** Nothing more can be loaded. */
  onBroken: () => void;
}

const NATIVE = 'application/vnd.apple.mpegurl';
const MEDIA_RECOVERIES = 2;

/** Play a master playlist; null where the browser cannot. */
export function openHls(
  video: HTMLVideoElement,
  url: string,
  { live, startAt }: { live: boolean; startAt: number },
  heard: Heard,
): Engine | null {
  if (Hls.isSupported()) return openWithHlsJs(video, url, { live, startAt }, heard);
  if (!video.canPlayType(NATIVE)) return null;
  const broken = () => heard.onBroken();
  video.addEventListener('error', broken);
  video.src = url;
  if (!live && startAt > 0) video.currentTime = startAt;
  return {
    choose: () => {},
    toLive: () => {
      if (video.seekable.length) video.currentTime = video.seekable.end(video.seekable.length - 1);
    },
    close: () => {
      video.removeEventListener('error', broken);
      video.removeAttribute('src');
      video.load();
    },
  };
}

function openWithHlsJs(
  video: HTMLVideoElement,
  url: string,
  { live, startAt }: { live: boolean; startAt: number },
  heard: Heard,
): Engine {
  const hls = new Hls({
    // The page's own rules allow no script from a blob, and a worker gains nothing for fragmented mp4.
    enableWorker: false,
    lowLatencyMode: live,
    startPosition: live ? -1 : startAt,
    capLevelToPlayerSize: true,
    maxBufferLength: 30,
    backBufferLength: 60,
  });
  let recoveries = 0;
  hls.on(Events.MANIFEST_PARSED, (_, data) => heard.onChoices(choicesOf(data.levels)));
  hls.on(Events.ERROR, (_, data) => {
    if (!data.fatal) return;
    if (data.type === ErrorTypes.MEDIA_ERROR && recoveries < MEDIA_RECOVERIES) {
      recoveries += 1;
      hls.recoverMediaError();
      return;
    }
    heard.onBroken();
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  return {
    choose: (level) => {
      // Whoever chooses a size wants it whatever the size of the window.
      hls.config.capLevelToPlayerSize = level === -1;
      hls.nextLevel = level;
    },
    toLive: () => {
      if (hls.liveSyncPosition !== null) video.currentTime = hls.liveSyncPosition;
    },
    close: () => hls.destroy(),
  };
}
