import { DisconnectReason } from 'livekit-client';
import { describe, expect, it } from 'vitest';
import { readTold } from './host';
import { endWords, socketRefusal, toldWords } from './words';

const packet = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const told = { event: 'muted', identity: 'bo', role: 'guest', by: 'Ada', by_identity: 'ada' };

describe('what the server tells of people in charge', () => {
  it('is read whole', () => {
    expect(readTold(packet(told))).toEqual(told);
    expect(readTold(packet({ event: 'message_refused', id: 'x' }))).toEqual({
      event: 'message_refused',
      id: 'x',
    });
  });

  it('is nothing where it is of another kind or no JSON', () => {
    for (const other of [{ event: 'danced' }, {}, [], null, 'muted', { event: 5 }])
      expect(readTold(packet(other))).toBeNull();
    expect(readTold(new Uint8Array([0xff, 0x00]))).toBeNull();
  });

  it('is put into words for whom it happened to, for whom did it and for the others', () => {
    expect(toldWords(told, null, false)).toBe('Ada muted you.');
    expect(toldWords({ ...told, by: '' }, null, false)).toBe('A host muted you.');
    expect(toldWords(told, 'Bo', true)).toBe('You muted Bo.');
    expect(toldWords({ ...told, event: 'held' }, null, false)).toContain('once a host lets you');
    expect(toldWords({ ...told, event: 'role_changed', role: 'viewer' }, null, false)).toBe(
      'Ada changed your role to “viewer”.',
    );
    expect(toldWords({ ...told, event: 'role_changed' }, 'Bo', false)).toBe(
      'Ada changed Bo’s role to “guest”.',
    );
    expect(toldWords({ ...told, event: 'asked_to_unmute' }, 'Bo', true)).toBe('You asked Bo to speak.');
  });
});

describe('the end of a visit', () => {
  const removed = DisconnectReason.PARTICIPANT_REMOVED;

  it('says who did it, and whether coming back makes sense', () => {
    expect(endWords(removed, 'removed', 'Ada')).toMatchObject({
      text: 'Ada took you out.',
      remedy: 'rejoin',
    });
    expect(endWords(removed, 'kept_out', '')).toMatchObject({ remedy: 'none' });
    expect(endWords(DisconnectReason.ROOM_CLOSED, 'session_ended', 'Ada')?.text).toBe(
      'Ada ended it for everybody.',
    );
    expect(endWords(DisconnectReason.ROOM_CLOSED, 'max_duration')?.text).toBe('Its time was over.');
  });

  it('keeps to the protocol’s reason where the server says no more, and to the visitor’s own leaving', () => {
    expect(endWords(removed)?.title).toBe('You were removed from the meeting');
    expect(endWords(DisconnectReason.CLIENT_INITIATED, 'removed', 'Ada')?.title).toBe('You left the meeting');
    expect(endWords(DisconnectReason.SERVER_SHUTDOWN, 'server_stopped')).toBeNull();
  });

  it('is final at the door for who may not come back', () => {
    expect(socketRefusal(403, 'removed from this meeting')).toBe('kept_out');
  });
});
