// What happened, in sentences.
import type { RoomEvent } from './types';

const SOURCES: Record<string, string> = {
  microphone: 'microphone',
  camera: 'camera',
  screen_share: 'screen',
  screen_share_audio: 'sound of the screen',
};

const REASONS: Record<string, string> = {
  left: 'left',
  vanished: 'connection lost',
  replaced: 'came in again elsewhere',
  removed: 'removed',
  kept_out: 'removed and not let back',
  session_ended: 'session ended',
  room_deleted: 'room deleted',
  room_disabled: 'room switched off',
  admission_revoked: 'admission revoked',
  server_stopped: 'server stopped',
  server_crashed: 'server crashed',
  max_duration: 'time was over',
  media_refused: 'media refused',
  asked_to: 'asked to',
  everybody_left: 'everybody left',
  track_ended: 'the track ended',
  worker_died: 'its process died again and again',
  nothing_recorded: 'nothing was recorded',
  file_not_made: 'its file could not be made',
  no_capacity: 'no capacity',
};

const DELIVERY_ERRORS: Record<string, string> = {
  private_target: 'address is not on the public internet',
  unknown_name: 'name is unknown',
  timeout: 'no answer in time',
  no_connection: 'no connection',
  connection_lost: 'connection lost',
  tls: 'TLS failed',
  not_http: 'answer is not HTTP',
  bad_url: 'address cannot be used',
};

export const sourceWord = (source: string | null): string =>
  source ? (SOURCES[source] ?? source.replaceAll('_', ' ')) : 'track';

export const reasonWord = (reason: string | null): string =>
  reason ? (REASONS[reason] ?? reason.replaceAll('_', ' ')) : '';

export const errorWord = (error: string): string => DELIVERY_ERRORS[error] ?? error.replaceAll('_', ' ');

export type Tone = 'come' | 'go' | 'change' | 'say' | 'trouble';

const TONES: [RegExp, Tone][] = [
  [/\.(joined|added|opened|created|unmuted)$/, 'come'],
  [/\.(left|removed|closed|ended|deleted|muted)$/, 'go'],
  [/error|failed|refused/, 'trouble'],
  [/^(message|messages|poll)/, 'say'],
];

export function toneOf(type: string): Tone {
  return TONES.find(([pattern]) => pattern.test(type))?.[1] ?? 'change';
}

function roleSentence(who: string, data: RoomEvent['data']): string {
  const { role, previous_role: before } = data;
  if (typeof role !== 'string') return `${who} got another role`;
  return `${who} is ${role} now${typeof before === 'string' ? `, was ${before}` : ''}`;
}

/** One event as a sentence without its time. Kinds this page does not know are shown by their names. */
export function sentenceOf(event: RoomEvent): string {
  const who = event.name || (event.participant_id ? 'Somebody' : 'The application');
  const what = sourceWord(event.source);
  const { data } = event;
  const why = reasonWord(typeof data['reason'] === 'string' ? data['reason'] : null);
  switch (event.type) {
    case 'session.opened':
      return 'The session began';
    case 'session.ended':
      return data['lock'] ? 'The session was ended and the room switched off' : 'The session was ended';
    case 'session.closed':
      return `The session is over${why && why !== 'left' ? ` (${why})` : ''}`;
    case 'participant.joined':
      return `${who} came in`;
    case 'participant.refused':
      return `Somebody was not let in (${String(data['why'] ?? '').replaceAll('_', ' ')})`;
    case 'participant.left':
      return why && why !== 'left' ? `${who} went out (${why})` : `${who} left`;
    case 'participant.changed':
      return `${who} changed name or data`;
    case 'participant.role_changed':
      return roleSentence(who, data);
    case 'participant.muted':
      return `${who} was muted by a moderator`;
    case 'participant.unmuted':
      return `${who} may be heard again`;
    case 'track.added':
      return `${who} switched the ${what} on`;
    case 'track.removed':
      return `${who} switched the ${what} off`;
    case 'track.muted':
      return data['held'] === true ? `${who} was muted: ${what}` : `${who} muted the ${what}`;
    case 'track.unmuted':
      return data['held'] === false ? `${who} is heard again: ${what}` : `${who} unmuted the ${what}`;
    case 'poll.started':
      return `${who} started a poll`;
    case 'poll.answered':
      return `${who} answered a poll`;
    case 'poll.stopped':
      return event.participant_id ? `${who} stopped a poll` : 'A poll is over';
    case 'recording.started':
      return data['automatic'] ? 'A recording began by itself' : 'A recording began';
    case 'recording.paused':
      return 'The recording pauses';
    case 'recording.resumed':
      return 'The recording goes on';
    case 'recording.stopped':
      return `The recording ended${why ? ` (${why})` : ''}`;
    case 'recording.completed':
      return 'The recording has its files';
    case 'recording.failed':
      return `The recording failed${why ? ` (${why})` : ''}`;
    case 'message.sent':
      return `${who} sent a message`;
    case 'messages.purged':
      return 'Messages were deleted';
    default:
      return `${who}: ${event.type.replaceAll('_', ' ').replace('.', ' ')}`;
  }
}

const RECORDINGS: Record<string, string> = {
  composite: 'Everybody in one picture',
  audio: 'Sound of everybody',
  participant: 'One person',
  participant_audio: 'Sound of one person',
  participant_video: 'Picture of one person',
  track: 'One track',
  composition: 'Composition',
  page: 'A page of your own',
};

/** What a recording has in it. */
export const recordingWord = (kind: string): string => RECORDINGS[kind] ?? kind;

const FILES: Record<string, string> = {
  chat: 'Chat',
  thumbnail: 'Thumbnail',
  transcript: 'Transcript',
  summary: 'Summary',
  audio: 'Sound',
  participant_audio: 'Sound',
};

/** What a file of a recording is. */
export const fileWord = (kind: string): string => FILES[kind] ?? 'Film';
