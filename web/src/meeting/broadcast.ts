// What leaves the meeting (recorded, live, sent to other servers), and what the visitor may do about it.
import { type Participant, type Room, RoomEvent } from 'livekit-client';
import { Store } from '../shared/store';
import { post, RefusedError } from './api';
import { Refresher } from './refresher';

export const ON_AIR_TOPIC = 'polyroom.on_air';

export interface OnAir {
  recorded: boolean;
  live: boolean;
  restreamed: boolean;
}

export interface Target {
  /** The server's address without the key. */
  to: string;
  state: string;
  /** What the trouble is, in the server's words. */
  why: string;
}

export interface BroadcastState extends OnAir {
  may: { record: boolean; live: boolean; send: boolean };
  /** Where the live stream is watched. */
  watch: string | null;
  targets: readonly Target[];
}

const NOTHING: BroadcastState = {
  recorded: false,
  live: false,
  restreamed: false,
  may: { record: false, live: false, send: false },
  watch: null,
  targets: [],
};

const NOT_DONE = 'That did not work. Please try again.';
/** Between two looks at servers the meeting is sent to: how they fare is told to nobody. */
const LOOK_EVERY_MS = 3_000;

/** The server's own words where it refused, ours where it did not answer. */
export const broadcastTrouble = (error: unknown) =>
  (error instanceof RefusedError && error.status >= 400 && error.message) || NOT_DONE;

/** Reads a packet on the server's own topic; null for what is none. */
export function readOnAir(payload: Uint8Array): OnAir | null {
  try {
    const found = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
    const told = ['recorded', 'live', 'restreamed'].map((name) => found[name]);
    if (!told.every((one) => typeof one === 'boolean')) return null;
    const [recorded, live, restreamed] = told as [boolean, boolean, boolean];
    return { recorded, live, restreamed };
  } catch {
    return null;
  }
}

/** What everybody is told when something began or ended. */
export function changeWords(before: OnAir, now: OnAir): string | null {
  if (now.recorded !== before.recorded)
    return now.recorded ? 'This meeting is being recorded.' : 'The recording has ended.';
  if (now.live !== before.live) return now.live ? 'This meeting is live.' : 'This meeting is no longer live.';
  if (now.restreamed !== before.restreamed)
    return now.restreamed
      ? 'This meeting is sent to another server.'
      : 'This meeting is no longer sent anywhere.';
  return null;
}

export class Broadcast {
  readonly state = new Store<BroadcastState>(NOTHING);
  onChange: ((words: string) => void) | null = null;
  private readonly refresher = new Refresher(() => this.ask());
  private looking: ReturnType<typeof setInterval> | null = null;

  constructor(
    room: Room,
    private readonly ticket: () => string,
  ) {
    room.on(RoomEvent.DataReceived, (payload, who, _kind, topic) => this.take(payload, who, topic));
  }

  refresh(): Promise<void> {
    return this.refresher.refresh();
  }

  /** Looks again and again while somebody watches how servers fare. */
  watchTargets(on: boolean): void {
    if (this.looking !== null) clearInterval(this.looking);
    this.looking = on ? setInterval(() => void this.refresh(), LOOK_EVERY_MS) : null;
    if (on) void this.refresh();
  }

  record(on: boolean): Promise<void> {
    return this.act('record', { on });
  }

  live(on: boolean): Promise<void> {
    return this.act('live', { on });
  }

  /** To an RTMP server; without an address all that is sent ends. */
  send(url: string | null): Promise<void> {
    return this.act('send', url === null ? {} : { url });
  }

  private async act(what: string, body: object): Promise<void> {
    try {
      await post(`/meet/broadcast/${what}`, { ticket: this.ticket(), ...body });
    } finally {
      void this.refresh();
    }
  }

  private async ask(): Promise<void> {
    try {
      this.state.set(await post<BroadcastState>('/meet/broadcast', { ticket: this.ticket() }));
    } catch (error) {
      if (error instanceof RefusedError && error.status !== 0) this.state.set(NOTHING);
    }
  }

  private take(payload: Uint8Array, who: Participant | undefined, topic: string | undefined): void {
    // Only the server sends without an identity, and nobody else on its topics.
    if (topic !== ON_AIR_TOPIC || who !== undefined) return;
    const told = readOnAir(payload);
    if (!told) return;
    const words = changeWords(this.state.get(), told);
    this.state.set(told);
    if (words) this.onChange?.(words);
    void this.refresh();
  }
}
