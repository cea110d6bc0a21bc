// One visit to a meeting: joining, staying (through lost connections and server restarts), leaving.
import { ConnectionError, ConnectionErrorReason, DisconnectReason, Room, RoomEvent } from 'livekit-client';
import { Store } from '../shared/store';
import {
  askLobby,
  askSoFar,
  askToJoin,
  type JoinAnswer,
  RefusedError,
  type Standing,
  serverIsUp,
  socketAddress,
} from './api';
import { Broadcast } from './broadcast';
import { Chat } from './chat';
import { Host } from './host';
import type { Credentials } from './link';
import { CONNECT_OPTIONS, ROOM_OPTIONS } from './media';
import { Polls } from './polls';
import { type Attempt, rejoin } from './reconnect';
import { OwnTracks } from './tracks';
import { endWords, GAVE_UP, refusalWords, socketRefusal, type Words } from './words';

export interface Visit {
  room: string;
  credentials: Credentials;
  name: string;
  accessCode: string | null;
}

export interface SessionState {
  phase: 'joining' | 'connected' | 'reconnecting' | 'ended';
  /** What the waiting is for, beyond "reconnecting". */
  detail: string | null;
  end: Words | null;
  joined: JoinAnswer;
}

/** Refusals put up with on the way back: about as long as a server waits for a lost connection. */
const PATIENCE = 60;

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export class Session {
  readonly room = new Room(ROOM_OPTIONS);
  readonly state: Store<SessionState>;
  readonly chat = new Chat(this.room);
  readonly host = new Host(this.room, () => this.state.get().joined.ticket);
  readonly polls = new Polls(this.room, () => this.state.get().joined.ticket);
  readonly broadcast = new Broadcast(this.room, () => this.state.get().joined.ticket);
  readonly own = new OwnTracks(this.room, () => this.state.get().phase === 'connected');
  private coming = false;
  private failures = 0;
  private returning = false;

  constructor(
    joined: JoinAnswer,
    private readonly visit: Visit,
  ) {
    this.state = new Store<SessionState>({ phase: 'joining', detail: null, end: null, joined });
    this.room
      .on(RoomEvent.Disconnected, this.onDisconnected)
      .on(RoomEvent.SignalReconnecting, () => this.setPhase('reconnecting'))
      .on(RoomEvent.Reconnecting, () => this.setPhase('reconnecting'))
      .on(RoomEvent.Reconnected, () => this.setPhase('connected'));
    this.host.onStanding = (standing) => {
      this.follow(standing);
      // Another role may see other polls.
      void this.polls.refresh();
      void this.broadcast.refresh();
    };
    this.host.onRefused = (id) => this.chat.refused(id);
  }

  start(): Promise<void> {
    return this.comeIn();
  }

  async leave(): Promise<void> {
    this.end(endWords(DisconnectReason.CLIENT_INITIATED) as Words);
  }

  private setPhase(phase: SessionState['phase']): void {
    if (this.state.get().phase === 'ended' || this.coming) return;
    this.state.set({ phase, detail: null });
  }

  private readonly onDisconnected = (reason?: DisconnectReason): void => {
    // While coming in, every failed try ends here too; comeIn() itself judges those.
    if (this.coming || this.state.get().phase === 'ended') return;
    const { attributes } = this.room.localParticipant;
    const words = endWords(reason, attributes['polyroom.left'], attributes['polyroom.left_by']);
    if (words) {
      this.end(words);
      return;
    }
    const restarting = reason === DisconnectReason.SERVER_SHUTDOWN;
    this.state.set({ phase: 'reconnecting', detail: restarting ? 'The server is restarting.' : null });
    void this.comeIn();
  };

  private async comeIn(): Promise<void> {
    if (this.coming) return;
    this.coming = true;
    this.failures = 0;
    const first = this.state.get().phase === 'joining';
    this.returning = !first;
    const outcome = await rejoin<Words>({
      // At the very first join the server has just answered; there is nothing to ask.
      probe: () => (first && this.failures === 0 ? Promise.resolve(true) : serverIsUp()),
      attempt: () => this.attempt(),
      sleep: pause,
      now: () => performance.now(),
      cancelled: () => this.state.get().phase === 'ended',
    });
    this.coming = false;
    if (outcome.kind === 'refused') this.end(outcome.why);
    else if (outcome.kind === 'gave-up') this.end(GAVE_UP);
    else if (outcome.kind === 'cancelled') void this.room.disconnect();
    // The connection may have gone again between the last answer and this line.
    else if (this.room.state === 'disconnected') void this.comeIn();
  }

  private async attempt(): Promise<Attempt<Words>> {
    const { server_url, ticket } = this.state.get().joined;
    try {
      await this.room.connect(socketAddress(server_url, window.location), ticket, CONNECT_OPTIONS);
    } catch (error) {
      this.failures++;
      return this.judge(error);
    }
    if (this.state.get().phase === 'ended') return { kind: 'joined' };
    this.state.set({ phase: 'connected', detail: null });
    // What the server gives to come back with outlives a link that was good for minutes.
    this.room.engine?.on('tokenRefreshed', (ticket) =>
      this.state.set({ joined: { ...this.state.get().joined, ticket } }),
    );
    void this.host.refresh();
    void this.catchUp();
    // Trouble with one's own camera is no reason to stay out.
    void this.own.publishAll().catch(() => undefined);
    return { kind: 'joined' };
  }

  /** The role may be another than the one the visitor came in with. */
  private follow({ can_publish_sources, chat }: Standing): void {
    const { joined } = this.state.get();
    const role = {
      ...joined.role,
      can_publish: can_publish_sources.length > 0,
      can_publish_sources,
      can_publish_data: chat.public || chat.private,
    };
    this.state.set({ joined: { ...joined, role } });
    void this.own.keepOnly(can_publish_sources);
  }

  /** What was said before, or while the connection was gone; missing it is no reason to stay out. */
  private async catchUp(): Promise<void> {
    for (const wait of [0, 1_000, 5_000]) {
      await pause(wait);
      if (this.state.get().phase === 'ended') return;
      try {
        this.chat.remember(await askSoFar(this.state.get().joined.ticket));
        return;
      } catch (error) {
        if (error instanceof RefusedError && error.status !== 0 && error.status < 429) return;
      }
    }
  }

  /** A failed try: final, or worth another one? The server's own words are asked for where it helps. */
  private async judge(error: unknown): Promise<Attempt<Words>> {
    const reason = error instanceof ConnectionError ? error.reason : null;
    const status = error instanceof ConnectionError ? (error.status as number | undefined) : undefined;
    if (reason === ConnectionErrorReason.LeaveRequest) {
      const words = endWords((error as ConnectionError).context as DisconnectReason);
      if (words) return { kind: 'refused', why: words };
    }
    if (reason === ConnectionErrorReason.NotAllowed) {
      if (status === 401) return this.renewTicket();
      const code = socketRefusal(status, (error as Error).message);
      // After an outage the visitor's own lost connection may still hold the last place for a while.
      if (['room_full', 'role_full'].includes(code) && this.returning && this.failures <= PATIENCE)
        return { kind: 'not-yet' };
      const known = code === 'refused' ? await this.askWhy() : null;
      return { kind: 'refused', why: known ?? refusalWords(code) };
    }
    if (this.failures % 5 === 2) {
      const known = await this.askWhy();
      if (known) return { kind: 'refused', why: known };
    }
    if (this.failures > 1 && error instanceof Error && /pc connection/i.test(error.message)) {
      this.state.set({
        detail: 'The server answers, but sound and picture do not get through. A firewall may be in the way.',
      });
    }
    return { kind: 'not-yet' };
  }

  private async askWhy(): Promise<Words | null> {
    try {
      await askLobby(this.visit.room, this.visit.credentials);
      return null;
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status === 0 || error.status >= 429) return null;
      return refusalWords(error.code, error.message);
    }
  }

  /** The ticket is no longer good (a long meeting, a long outage): the link it came from may be. */
  private async renewTicket(): Promise<Attempt<Words>> {
    const { room, credentials, name, accessCode } = this.visit;
    try {
      this.state.set({ joined: await askToJoin(room, credentials, name, accessCode) });
      return this.failures > 3
        ? { kind: 'refused', why: refusalWords('admission_expired') }
        : { kind: 'not-yet' };
    } catch (error) {
      if (!(error instanceof RefusedError) || error.status === 0 || error.status >= 429)
        return { kind: 'not-yet' };
      return { kind: 'refused', why: refusalWords(error.code, error.message) };
    }
  }

  private end(words: Words): void {
    if (this.state.get().phase === 'ended') return;
    this.state.set({ phase: 'ended', end: words, detail: null });
    this.own.stopAll();
    void this.room.disconnect();
  }
}
