// What the page of a video room says.
import type { Words } from '../meeting/words';
import type { ComingVideo } from './api';

export const CANNOT_PLAY: Words = {
  title: 'The video cannot be played',
  text: 'It could not be loaded any further. Check your connection and try again.',
  remedy: 'retry',
};

/** Why there is nothing to watch yet, and whether it makes sense to wait. */
export function comingWords(coming: ComingVideo | null): {
  title: string;
  text: string;
  percent: number | null;
} {
  switch (coming?.state) {
    case 'queued':
      return { title: 'The video is being prepared', text: 'It waits for its turn.', percent: 0 };
    case 'processing':
      return {
        title: 'The video is being prepared',
        text: 'It starts here by itself once it is ready.',
        percent: Math.min(99, Math.floor(coming.progress * 100)),
      };
    case 'failed':
      return {
        title: 'The video could not be prepared',
        text: coming.reason ?? 'Ask the person who invited you.',
        percent: null,
      };
    default:
      return {
        title: 'There is no video here yet',
        text: 'It starts here by itself once it was uploaded.',
        percent: null,
      };
  }
}

export function viewsWords(views: number): string {
  return views === 1 ? '1 view' : `${views.toLocaleString('en')} views`;
}
