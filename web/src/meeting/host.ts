// What the visitor may do to others and to the meeting, asked of the server anew whenever it says
// that something about that changed; and what others in charge did, told in words.
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { Store } from '../shared/store';
import { act, askStanding, type PersonStanding, RefusedError, type Standing } from './api';
import { Refresher } from './refresher';

export const MODERATION_TOPIC = 'polyroom.moderation';

export type Deed = 'muted' | 'held' | 'released' | 'asked_to_unmute' | 'role_changed';

/** The server's word on what happened to somebody. `by` is "" where it was not a visible person. */
export interface Told {
  event: Deed;
  identity: string;
  role: string;
  by: string;
  by_identity: string;
}

export interface Refused {
  event: 'message_refused';
  id: string;
}

const DEEDS: readonly string[] = ['muted', 'held', 'released', 'asked_to_unmute', 'role_changed'];

/** Reads a packet on the server's own topic; null for what is none. */
export function readTold(payload: Uint8Array): Told | Refused | null {
  try {
    const found = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    const text = (name: string) => (typeof found[name] === 'string' ? (found[name] as string) : '');
    if (found['event'] === 'message_refused') return { event: 'message_refused', id: text('id') };
    if (!DEEDS.includes(text('event'))) return null;
    return {
      event: text('event') as Deed,
      identity: text('identity'),
      role: text('role'),
      by: text('by'),
      by_identity: text('by_identity'),
    };
  } catch {
    return null;
  }
}

export interface HostState {
  standing: Standing | null;
  /** Who asks the visitor to turn the microphone on; null while nobody does. */
  asked: string | null;
}

export class Host {
  readonly state = new Store<HostState>({ standing: null, asked: null });
  /** Told about everything that happened to the visitor, or to others while in charge. */
  onTold: ((told: Told) => void) | null = null;
  onRefused: ((id: string) => void) | null = null;
  /** What the visitor may do is known, or another than before. */
  onStanding: ((standing: Standing) => void) | null = null;
  private readonly refresher = new Refresher(() => this.ask());

  constructor(
    room: Room,
    private readonly ticket: () => string,
  ) {
    room.on(RoomEvent.DataReceived, (payload, who, _kind, topic) => this.take(payload, who, topic));
    // A newcomer may have come with a role of its own; whoever left is nobody to act on.
    for (const event of [RoomEvent.ParticipantConnected, RoomEvent.ParticipantDisconnected] as const)
      room.on(event, () => {
        if (this.inCharge()) void this.refresh();
      });
  }

  refresh(): Promise<void> {
    return this.refresher.refresh();
  }

  person(identity: string): PersonStanding | undefined {
    return this.state.get().standing?.people.find((one) => one.identity === identity);
  }

  mute(person: string | null, stay = false): Promise<void> {
    return this.act('mute', { ...(person === null ? {} : { person }), stay });
  }

  unmute(person: string): Promise<void> {
    return this.act('unmute', { person });
  }

  remove(person: string, keepOut: boolean): Promise<void> {
    return this.act('remove', { person, keep_out: keepOut });
  }

  changeRole(person: string, role: string): Promise<void> {
    return this.act('role', { person, role });
  }

  end(lock: boolean): Promise<void> {
    return this.act('end', { lock });
  }

  answered(): void {
    this.state.set({ asked: null });
  }

  private async act(what: string, body: object): Promise<void> {
    try {
      await act(what, this.ticket(), body);
    } finally {
      if (what !== 'end') void this.refresh();
    }
  }

  private async ask(): Promise<void> {
    try {
      const standing = await askStanding(this.ticket());
      this.state.set({ standing });
      this.onStanding?.(standing);
    } catch (error) {
      // Whoever is not inside (yet, or any more) has nothing to see here.
      if (error instanceof RefusedError && error.status !== 0) this.state.set({ standing: null });
    }
  }

  private inCharge(): boolean {
    return (this.state.get().standing?.people.length ?? 0) > 0;
  }

  private take(payload: Uint8Array, who: Participant | undefined, topic: string | undefined): void {
    // Only the server sends without an identity, and nobody else on its topics.
    if (topic !== MODERATION_TOPIC || who !== undefined) return;
    const told = readTold(payload);
    if (!told) return;
    void this.refresh();
    if (told.event === 'message_refused') {
      this.onRefused?.(told.id);
      return;
    }
    const standing = this.state.get().standing;
    const me = standing?.identity;
    // The rest can wait for the server's answer; what the microphone's button does cannot.
    if (standing && told.identity === me && (told.event === 'held' || told.event === 'released'))
      this.state.set({ standing: { ...standing, held: told.event === 'held' } });
    if (told.event === 'asked_to_unmute' && told.identity === me) this.state.set({ asked: told.by });
    else this.onTold?.(told);
  }
}
