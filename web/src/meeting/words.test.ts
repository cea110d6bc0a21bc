import { DisconnectReason } from 'livekit-client';
import { describe, expect, it } from 'vitest';
import { canBePutRightInLobby, deviceWords, endWords, refusalWords, roleWords, socketRefusal } from './words';

describe('refusals', () => {
  it.each([
    'room_not_found',
    'room_inactive',
    'room_full',
    'role_full',
    'admission_expired',
    'admission_refused',
    'access_code_required',
    'access_code_wrong',
    'invalid_request',
    'too_many_attempts',
    'unreachable',
  ])('%s has its own plain words', (code) => {
    const words = refusalWords(code);
    expect(words.title).not.toBe(refusalWords('no_such_code').title);
    expect(`${words.title} ${words.text}`).not.toMatch(/_|\b\d{3}\b|undefined|token|HTTP/);
  });
  it('says how long to wait', () => {
    expect(refusalWords('too_many_attempts', '', 30).text).toContain('30 seconds');
    expect(refusalWords('too_many_attempts', '', 240).text).toContain('4 minutes');
  });
  it('passes on what the server says where the page cannot know', () => {
    expect(refusalWords('something_new', 'The moon is full.').text).toBe('The moon is full.');
    expect(refusalWords('invalid_request', 'The name is too long.').text).toBe('The name is too long.');
  });
  it('only what the visitor can put right stays in the lobby', () => {
    expect(canBePutRightInLobby('access_code_wrong')).toBe(true);
    expect(canBePutRightInLobby('room_full')).toBe(true);
    expect(canBePutRightInLobby('admission_expired')).toBe(false);
    expect(canBePutRightInLobby('room_not_found')).toBe(false);
  });
});

describe('ends', () => {
  it('says why for each reason the server decided on', () => {
    const titles = [
      DisconnectReason.CLIENT_INITIATED,
      DisconnectReason.DUPLICATE_IDENTITY,
      DisconnectReason.PARTICIPANT_REMOVED,
      DisconnectReason.ROOM_DELETED,
      DisconnectReason.ROOM_CLOSED,
    ].map((reason) => endWords(reason)?.title);
    expect(new Set(titles).size).toBe(5);
    expect(titles).not.toContain(undefined);
  });
  it('comes back after anything else', () => {
    for (const reason of [
      undefined,
      DisconnectReason.UNKNOWN_REASON,
      DisconnectReason.SERVER_SHUTDOWN,
      DisconnectReason.STATE_MISMATCH,
      DisconnectReason.SIGNAL_CLOSE,
      DisconnectReason.JOIN_FAILURE,
    ])
      expect(endWords(reason)).toBeNull();
  });
  it('tells refusals of the socket apart', () => {
    expect(socketRefusal(404, 'requested room does not exist')).toBe('room_not_found');
    expect(socketRefusal(410, '')).toBe('admission_expired');
    expect(socketRefusal(403, 'room is full')).toBe('room_full');
    expect(socketRefusal(403, 'role limit reached')).toBe('role_full');
    expect(socketRefusal(403, 'room is inactive')).toBe('room_inactive');
    expect(socketRefusal(403, 'admission has expired')).toBe('admission_expired');
    expect(socketRefusal(403, 'admission was refused')).toBe('admission_refused');
    expect(socketRefusal(403, 'No.')).toBe('refused');
  });
});

it('says what a role cannot do, and nothing to whoever can do everything', () => {
  expect(roleWords({ can_publish: true, can_subscribe: true })).toBeNull();
  expect(roleWords({ can_publish: false, can_subscribe: true })).toMatch(/see and hear the others/);
  expect(roleWords({ can_publish: true, can_subscribe: false })).toMatch(/do not see or hear them/);
  expect(roleWords({ can_publish: false, can_subscribe: false })).toMatch(/do not see or hear the others/);
});

it('device trouble never keeps anyone out', () => {
  for (const name of ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'InsecureContext', 'Odd'])
    expect(deviceWords('camera', name)).toContain('You can join without it.');
});
