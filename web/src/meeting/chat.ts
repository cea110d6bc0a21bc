// The room's chat line. Sent as a text stream on LiveKit's chat topic, which is what its own
// components and SDKs read; their older forms are understood too. What was said before one came,
// or while one was away, is asked for.
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { Store } from '../shared/store';
import type { PastMessage } from './api';

export const CHAT_TOPIC = 'lk.chat';
export const OLD_CHAT_TOPIC = 'lk-chat-topic';
export const KEPT_LINES = 200;
export const LONGEST_LINE = 2_000;

const NOBODY = 'The room';

export interface ChatLine {
  id: string;
  from: string;
  mine: boolean;
  at: number;
  text: string;
  /** Whom it is for, where that is not everybody. */
  only: string | null;
}

/** The list with one more line: no line twice, the oldest forgotten, the longest cut. */
export function withLine(lines: readonly ChatLine[], line: ChatLine): readonly ChatLine[] {
  if (line.text.trim() === '' || lines.some((known) => known.id === line.id)) return lines;
  const cut =
    line.text.length > LONGEST_LINE ? { ...line, text: `${line.text.slice(0, LONGEST_LINE)}…` } : line;
  return [...lines, cut].slice(-KEPT_LINES);
}

/** Past lines in their order, those told twice as they are kept, and around them what was there already. */
export function withPast(lines: readonly ChatLine[], past: readonly ChatLine[]): readonly ChatLine[] {
  const kept = past.reduce(withLine, [] as readonly ChatLine[]);
  const known = new Set(kept.map((line) => line.id));
  const others = lines.filter((line) => !known.has(line.id));
  const start = kept[0]?.at ?? 0;
  const earlier = others.filter((line) => line.at < start);
  const later = others.filter((line) => line.at >= start);
  return [...earlier, ...kept, ...later].slice(-KEPT_LINES);
}

/** Whom a message is for, in words; null when that is everybody. */
export function onlyFor(
  audience: string | undefined,
  role: string | undefined,
  mine: boolean,
): string | null {
  if (audience === 'role') return `Only for the role ${role}`;
  if (audience === 'people') return mine ? 'Private' : 'Only for you';
  return null;
}

/** One name for a line, live or past: ids are their senders' own. */
export const lineId = (identity: string, id: string) => `${identity}/${id}`;

/** A line in the form LiveKit's components sent before text streams; null when it is not one. */
export function readOldLine(payload: Uint8Array): { id: string; text: string; at: number } | null {
  try {
    const found = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    // Marked so when the same line also went out as a text stream.
    if (found['ignoreLegacy'] === true || typeof found['message'] !== 'string') return null;
    const at = typeof found['timestamp'] === 'number' ? found['timestamp'] : Date.now();
    return { id: String(found['id'] ?? at), text: found['message'], at };
  } catch {
    return null;
  }
}

export class Chat {
  readonly state = new Store<{ lines: readonly ChatLine[]; seen: number; received: number }>({
    lines: [],
    seen: 0,
    received: 0,
  });
  /** Told about every line of somebody else. */
  onLine: ((line: ChatLine) => void) | null = null;

  constructor(private readonly room: Room) {
    room.registerTextStreamHandler(CHAT_TOPIC, async (reader, { identity }) => {
      const text = await reader.readAll().catch(() => '');
      const { id, timestamp, attributes } = reader.info;
      this.take(id, room.getParticipantByIdentity(identity), identity, text, timestamp, attributes);
    });
    room.on(RoomEvent.DataReceived, (payload, participant, _kind, topic) => {
      if (topic !== OLD_CHAT_TOPIC) return;
      const line = readOldLine(payload);
      if (line) this.take(line.id, participant, participant?.identity ?? '', line.text, line.at);
    });
    room.on(RoomEvent.ChatMessage, (message, participant) => {
      if (participant?.isLocal) return;
      this.take(message.id, participant, participant?.identity ?? '', message.message, message.timestamp);
    });
  }

  /** Sends a line to everybody, or to one person. */
  async send(text: string, to: { identity: string; name: string } | null = null): Promise<void> {
    const info = await this.room.localParticipant.sendText(text, {
      topic: CHAT_TOPIC,
      ...(to ? { destinationIdentities: [to.identity] } : {}),
    });
    const me = this.room.localParticipant;
    const id = lineId(me.identity, info.id);
    const only = to ? `Only for ${to.name}` : null;
    this.add({ id, from: me.name || me.identity, mine: true, at: Date.now(), text, only });
  }

  /** The room does not allow a line of the visitor's: nobody got it. */
  refused(id: string): void {
    const own = lineId(this.room.localParticipant.identity, id);
    const lines = this.state.get().lines;
    this.state.set({
      lines: lines.map((line) => (line.id === own ? { ...line, only: 'Not sent: not allowed here' } : line)),
    });
  }

  /** What was said so far; none of it is news. */
  remember(past: readonly PastMessage[]): void {
    const me = this.room.localParticipant.identity;
    const lines = past.map(({ id, identity, name, at, text, audience, role }) => {
      const mine = identity !== '' && identity === me;
      const from = name || identity || NOBODY;
      return { id: lineId(identity, id), from, mine, at, text, only: onlyFor(audience, role, mine) };
    });
    this.state.set({ lines: withPast(this.state.get().lines, lines) });
  }

  markSeen(): void {
    this.state.set({ seen: this.state.get().received });
  }

  private take(
    id: string,
    who: Participant | undefined,
    identity: string,
    text: string,
    at: number,
    marks: Record<string, string> = {},
  ): void {
    if (who?.isLocal) return;
    const time = Number.isFinite(at) && at > 0 ? at : Date.now();
    // Only the server sends without an identity, and only it can say who is meant.
    const from = who?.name || identity || marks['polyroom.name'] || NOBODY;
    const only = onlyFor(marks['polyroom.audience'], marks['polyroom.role'], false);
    const line = { id: lineId(identity, id), from, mine: false, at: time, text, only };
    if (this.add(line)) {
      this.state.set({ received: this.state.get().received + 1 });
      this.onLine?.(line);
    }
  }

  private add(line: ChatLine): boolean {
    const before = this.state.get().lines;
    const lines = withLine(before, line);
    this.state.set({ lines });
    return lines !== before;
  }
}
