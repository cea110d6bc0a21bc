// What the page says when something does not go as wished. Plain words, one place.
import { DisconnectReason } from 'livekit-client';

export interface Words {
  title: string;
  text: string;
  /** What helps: asking the server again, joining anew, or nothing on this page. */
  remedy: 'retry' | 'rejoin' | 'none';
}

const REFUSALS: Record<string, Words> = {
  room_not_found: {
    title: 'This room does not exist',
    text: 'The link may be mistyped, or the room was deleted. Ask the person who invited you for a new link.',
    remedy: 'none',
  },
  room_inactive: {
    title: 'This room is closed',
    text: 'It is not open at the moment. You can try again once the host has opened it.',
    remedy: 'retry',
  },
  room_full: {
    title: 'This room is full',
    text: 'Every place is taken. As soon as someone leaves you can join.',
    remedy: 'retry',
  },
  role_full: {
    title: 'Every place of your role is taken',
    text: 'Only so many people can be in with the role this link gives. You can join once one of them has left.',
    remedy: 'retry',
  },
  kept_out: {
    title: 'You were removed from this meeting',
    text: 'You cannot come back into it. You can once it has ended and another one begins.',
    remedy: 'retry',
  },
  admission_expired: {
    title: 'This link has expired',
    text: 'It was good for a limited time. Ask the person who invited you for a new one.',
    remedy: 'none',
  },
  admission_refused: {
    title: 'This link does not let you in',
    text: 'The room does not accept it: it may be incomplete, withdrawn or meant for another room.',
    remedy: 'none',
  },
  access_code_required: {
    title: 'This room asks for an access code',
    text: 'Type the access code that came with your invitation.',
    remedy: 'retry',
  },
  access_code_wrong: {
    title: 'That access code is not right',
    text: 'Please check it and type it again.',
    remedy: 'retry',
  },
  too_many_attempts: {
    title: 'Too many attempts',
    text: 'Please wait a little before you try again.',
    remedy: 'retry',
  },
  invalid_request: {
    title: 'The server did not understand that',
    text: 'Please check what you typed and try again.',
    remedy: 'retry',
  },
  unreachable: {
    title: 'The server cannot be reached',
    text: 'Check your connection. If it is fine, the server may be restarting; try again in a moment.',
    remedy: 'retry',
  },
  server_error: {
    title: 'The server has a problem',
    text: 'This is not your fault. Try again in a moment.',
    remedy: 'retry',
  },
  refused: {
    title: 'The room did not let you in',
    text: 'Ask the person who invited you.',
    remedy: 'retry',
  },
};

REFUSALS['internal_error'] = REFUSALS['server_error'] as Words;

const FALLBACK: Words = REFUSALS['refused'] as Words;

export function refusalWords(code: string, message = '', retryAfter: number | null = null): Words {
  const known = REFUSALS[code];
  if (code === 'too_many_attempts' && retryAfter !== null) {
    const wait =
      retryAfter < 90 ? `${Math.ceil(retryAfter)} seconds` : `${Math.ceil(retryAfter / 60)} minutes`;
    return { ...(known ?? FALLBACK), text: `Please wait ${wait} before you try again.` };
  }
  // The server's own sentence knows more about a request it could not read than this page does.
  if (code === 'invalid_request' && message) return { ...(known ?? FALLBACK), text: message };
  if (known && known !== FALLBACK) return known;
  return message ? { ...FALLBACK, text: message } : FALLBACK;
}

/** Whether a refusal may be shown inside the lobby, where the visitor can put it right. */
export function canBePutRightInLobby(code: string): boolean {
  return refusalWords(code).remedy === 'retry';
}

const SOMEBODY = 'A host';

/** Exactly why the server put the visitor out, and who did it, where it said so. */
function leftWords(left: string | undefined, by: string): Words | null {
  switch (left) {
    case 'removed':
      return {
        title: 'You were removed from the meeting',
        text: `${by} took you out.`,
        remedy: 'rejoin',
      };
    case 'kept_out':
      return {
        title: 'You were removed from the meeting',
        text: `${by} took you out. You cannot come back into this meeting.`,
        remedy: 'none',
      };
    case 'session_ended':
      return { title: 'The meeting has ended', text: `${by} ended it for everybody.`, remedy: 'rejoin' };
    case 'max_duration':
      return { title: 'The meeting has ended', text: 'Its time was over.', remedy: 'rejoin' };
    case 'room_disabled':
      return { title: 'The room was closed', text: 'It was switched off.', remedy: 'rejoin' };
    case 'admission_revoked':
      return {
        title: 'Your invitation was withdrawn',
        text: 'The link you came with lets nobody in any more.',
        remedy: 'none',
      };
    default:
      return null;
  }
}

/** The end of a meeting that the server (or the visitor) decided; null when it is worth coming back. */
export function endWords(reason: DisconnectReason | undefined, left?: string, by?: string): Words | null {
  const known = leftWords(left, by || SOMEBODY);
  if (known && reason !== DisconnectReason.CLIENT_INITIATED) return known;
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return { title: 'You left the meeting', text: 'You can close this tab.', remedy: 'rejoin' };
    case DisconnectReason.DUPLICATE_IDENTITY:
      return {
        title: 'You joined from somewhere else',
        text: 'The same place in this meeting was taken over by another tab or device of yours.',
        remedy: 'rejoin',
      };
    case DisconnectReason.PARTICIPANT_REMOVED:
      return {
        title: 'You were removed from the meeting',
        text: 'The host took you out, or the room was closed to you.',
        remedy: 'none',
      };
    case DisconnectReason.ROOM_DELETED:
      return {
        title: 'This room was deleted',
        text: 'The meeting is over and its link no longer works.',
        remedy: 'none',
      };
    case DisconnectReason.ROOM_CLOSED:
      return {
        title: 'The room was closed',
        text: 'The host ended the meeting, the room was switched off, or its time was over.',
        remedy: 'rejoin',
      };
    default:
      return null;
  }
}

export const GAVE_UP: Words = {
  title: 'The connection was lost',
  text: 'The server could not be reached for ten minutes.',
  remedy: 'rejoin',
};

// The sentences with which the socket's door refuses, as parts of them; the status alone says too little.
const SOCKET_REFUSALS: [RegExp, string][] = [
  [/does not exist/i, 'room_not_found'],
  [/room is full/i, 'room_full'],
  [/role limit/i, 'role_full'],
  [/inactive/i, 'room_inactive'],
  [/expired/i, 'admission_expired'],
  [/access code/i, 'access_code_required'],
  [/admission was refused/i, 'admission_refused'],
  [/removed from this meeting/i, 'kept_out'],
];

/** Which refusal a failed connection was, from its status and sentence. */
export function socketRefusal(status: number | undefined, message: string): string {
  if (status === 404) return 'room_not_found';
  if (status === 410) return 'admission_expired';
  return SOCKET_REFUSALS.find(([pattern]) => pattern.test(message))?.[1] ?? 'refused';
}

/** What the visitor cannot do here, if anything. */
export function roleWords(role: { can_publish: boolean; can_subscribe: boolean }): string | null {
  if (role.can_subscribe)
    return role.can_publish ? null : 'You join as a guest: you see and hear the others, they do not see you.';
  return role.can_publish
    ? 'The others see and hear you. You do not see or hear them.'
    : 'You can be here, but you do not see or hear the others, and they do not see or hear you.';
}

export const HELD = 'A host muted you. You can speak again once a host lets you.';

/** What happened to the visitor (`name` is null) or to somebody else, and who did it. */
export function toldWords(
  told: { event: string; role: string; by: string },
  name: string | null,
  byMe: boolean,
): string | null {
  const by = byMe ? 'You' : told.by || SOMEBODY;
  const whom = name ?? 'you';
  switch (told.event) {
    case 'muted':
      return `${by} muted ${whom}.`;
    case 'held':
      return name === null
        ? `${by} muted you. You can speak again once a host lets you.`
        : `${by} muted ${whom} until a host lets them speak.`;
    case 'released':
      return name === null ? `${by} lets you speak again.` : `${by} let ${whom} speak again.`;
    case 'role_changed':
      return `${by} changed ${name === null ? 'your' : possessive(whom)} role to “${told.role}”.`;
    case 'asked_to_unmute':
      return name === null ? null : `${by} asked ${whom} to speak.`;
    default:
      return null;
  }
}

const possessive = (name: string) => `${name}’s`;

export type DeviceKind = 'camera' | 'microphone';

/** Why there is no camera or microphone, from the DOMException's name. */
export function deviceWords(kind: DeviceKind, errorName: string): string {
  const still = 'You can join without it.';
  const capital = kind === 'camera' ? 'Camera' : 'Microphone';
  switch (errorName) {
    case 'NotAllowedError':
    case 'SecurityError':
      return `${capital} not allowed. Allow it in your browser's address bar to use it. ${still}`;
    case 'NotFoundError':
    case 'OverconstrainedError':
      return `No ${kind} found. ${still}`;
    case 'NotReadableError':
    case 'AbortError':
      return `${capital} is in use by another program. ${still}`;
    case 'InsecureContext':
      return `Browsers give a ${kind} only to pages opened by https or on this machine. ${still}`;
    default:
      return `${capital} could not be started. ${still}`;
  }
}
