// The room's chat line. Sent as a text stream on LiveKit's chat topic, which is what its own
// components and SDKs read; their older forms are understood too.
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { Store } from '../shared/store';

export const CHAT_TOPIC = 'lk.chat';
export const OLD_CHAT_TOPIC = 'lk-chat-topic';
export const KEPT_LINES = 200;
export const LONGEST_LINE = 2_000;

export interface ChatLine {
  id: string;
  from: string;
  mine: boolean;
  at: number;
  text: string;
}

/** The list with one more line: no line twice, the oldest forgotten, the longest cut. */
export function withLine(lines: readonly ChatLine[], line: ChatLine): readonly ChatLine[] {
  if (line.text.trim() === '' || lines.some((known) => known.id === line.id)) return lines;
  const cut =
    line.text.length > LONGEST_LINE ? { ...line, text: `${line.text.slice(0, LONGEST_LINE)}…` } : line;
  return [...lines, cut].slice(-KEPT_LINES);
}

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
      this.take(
        reader.info.id,
        room.getParticipantByIdentity(identity),
        identity,
        text,
        reader.info.timestamp,
      );
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

  async send(text: string): Promise<void> {
    const info = await this.room.localParticipant.sendText(text, { topic: CHAT_TOPIC });
    const me = this.room.localParticipant;
    this.add({ id: info.id, from: me.name || me.identity, mine: true, at: Date.now(), text });
  }

  markSeen(): void {
    this.state.set({ seen: this.state.get().received });
  }

  private take(id: string, who: Participant | undefined, identity: string, text: string, at: number): void {
    if (who?.isLocal) return;
    const time = Number.isFinite(at) && at > 0 ? at : Date.now();
    const line = { id, from: who?.name || identity || 'The room', mine: false, at: time, text };
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
