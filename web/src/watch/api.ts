// What the page of a video room asks the server.
import { post } from '../meeting/api';
import type { MeetingLink } from '../meeting/link';

export interface ShownVideo {
  id: string;
  seconds: number;
  width: number;
  height: number;
  master: string;
  poster: string | null;
  thumbnails: string | null;
  views: number;
}

/** A video on its way: `progress` is how much of it is ready, 0 to 1. */
export interface ComingVideo {
  state: 'queued' | 'processing' | 'failed';
  progress: number;
  reason: string | null;
}

export interface PlayAnswer {
  room: { id: string; name: string; description: string | null };
  video: ShownVideo | null;
  coming: ComingVideo | null;
  /** What the files are asked for with; null while there is nothing to watch. */
  play: string | null;
}

export function askToPlay(link: MeetingLink, accessCode: string | null): Promise<PlayAnswer> {
  const code = accessCode === null ? {} : { access_code: accessCode };
  return post('/watch/play', { room: link.room, ...link.credentials, ...code });
}

export async function tellView(play: string, video: string): Promise<void> {
  await post('/watch/view', { play, video });
}

export async function tellHere(play: string): Promise<void> {
  await post('/watch/here', { play });
}

/** The page closes: nothing can be waited for any more. */
export function tellLeft(play: string): void {
  navigator.sendBeacon('/watch/left', JSON.stringify({ play }));
}
