// Polls and quizzes of the room: what the server says of them, asked anew whenever it tells that one
// changed, and what the visitor does to them.
import { type Room, RoomEvent } from 'livekit-client';
import { Store } from '../shared/store';
import { post, RefusedError } from './api';
import { Refresher } from './refresher';

export const POLLS_TOPIC = 'polyroom.polls';

export type QuestionType = 'single-choice' | 'multiple-choice' | 'short-answer' | 'long-answer';

export interface Question {
  /** From 1, as options are. */
  index: number;
  text: string;
  type: QuestionType;
  skippable: boolean;
  weight: number;
  options: { index: number; text: string }[];
  /** The right options, where they may be known. */
  answer: number[] | null;
}

export interface Answer {
  options: number[];
  text: string;
  skipped: boolean;
}

export interface QuestionResult {
  index: number;
  total: number;
  skipped: number;
  options: number[];
  correct: number | null;
  texts: string[];
}

export interface Place {
  identity: string;
  name: string;
  score: number;
  correct: number;
  seconds: number;
}

export interface Poll {
  id: string;
  title: string;
  type: 'poll' | 'quiz';
  state: 'created' | 'started' | 'stopped';
  anonymous: boolean;
  /** Seconds it runs; null: until somebody stops it. */
  duration: number | null;
  started_at: number | null;
  ends_at: number | null;
  stopped_at: number | null;
  by: { identity: string; name: string } | null;
  questions: Question[];
  mine: Record<string, Answer> | null;
  results: { voters: number; questions: QuestionResult[] } | null;
  leaderboard: Place[] | null;
}

export interface PollsState {
  mayRead: boolean;
  mayWrite: boolean;
  polls: readonly Poll[];
}

interface Listed {
  may_read: boolean;
  may_write: boolean;
  polls: Poll[];
}

const NOT_DONE = 'That did not work. Please try again.';

/** The server's own words where it refused, ours where it did not answer. */
export const pollTrouble = (error: unknown) =>
  (error instanceof RefusedError && error.status >= 400 && error.status < 500 && error.message) || NOT_DONE;

const NOTHING: PollsState = { mayRead: false, mayWrite: false, polls: [] };

export const isChoice = (type: QuestionType) => type === 'single-choice' || type === 'multiple-choice';

/** Running, and the visitor has not answered all of it. */
export const isOpen = (poll: Poll) =>
  poll.state === 'started' && poll.questions.some((one) => poll.mine?.[one.index] === undefined);

/** What may be sent of the answers so far; null while a question that needs one has none. */
export function readyAnswers(poll: Poll, answers: Record<number, Answer>): object[] | null {
  const found: object[] = [];
  for (const { index, type, skippable } of poll.questions) {
    if (poll.mine?.[index] !== undefined) continue;
    const { options, text } = answers[index] ?? { options: [], text: '' };
    const given = isChoice(type) ? options.length > 0 : text.trim() !== '';
    if (!given && !skippable) return null;
    if (!given) found.push({ question: index, skipped: true });
    else found.push({ question: index, ...(isChoice(type) ? { options } : { text: text.trim() }) });
  }
  return found;
}

/** Of all answers to a question, in percent. */
export const share = (count: number, total: number) => (total > 0 ? Math.round((100 * count) / total) : 0);

/** "1:05": how long a poll still runs. */
export function timeLeft(endsAt: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((endsAt - now) / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

export class Polls {
  readonly state = new Store<PollsState>(NOTHING);
  /** Told about every poll that began since the last look. */
  onStarted: ((poll: Poll) => void) | null = null;
  private readonly refresher = new Refresher(() => this.ask());
  private known: ReadonlySet<string> | null = null;

  constructor(
    room: Room,
    private readonly ticket: () => string,
  ) {
    room.on(RoomEvent.DataReceived, (_payload, who, _kind, topic) => {
      // Only the server sends without an identity, and nobody else on its topics.
      if (topic === POLLS_TOPIC && who === undefined) void this.refresh();
    });
  }

  refresh(): Promise<void> {
    return this.refresher.refresh();
  }

  async create(draft: object, andStart: boolean): Promise<void> {
    const made = await post<Poll>('/meet/polls/create', { ticket: this.ticket(), poll: draft });
    if (andStart) await this.act('start', made.id);
    else await this.refresh();
  }

  start(poll: string): Promise<void> {
    return this.act('start', poll);
  }

  stop(poll: string): Promise<void> {
    return this.act('stop', poll);
  }

  remove(poll: string): Promise<void> {
    return this.act('remove', poll);
  }

  vote(poll: string, responses: object[]): Promise<void> {
    return this.act('vote', poll, { responses });
  }

  private async act(what: string, poll: string, more: object = {}): Promise<void> {
    try {
      await post(`/meet/polls/${what}`, { ticket: this.ticket(), poll, ...more });
    } finally {
      await this.refresh();
    }
  }

  private async ask(): Promise<void> {
    try {
      const found = await post<Listed>('/meet/polls', { ticket: this.ticket() });
      this.state.set({ mayRead: found.may_read, mayWrite: found.may_write, polls: found.polls });
      this.tell(found.polls);
    } catch (error) {
      if (error instanceof RefusedError && error.status !== 0) this.state.set(NOTHING);
    }
  }

  /** Polls that ran before one came are no news. */
  private tell(polls: readonly Poll[]): void {
    const running = polls.filter((poll) => poll.state === 'started');
    const known = this.known;
    this.known = new Set(running.map((poll) => poll.id));
    if (known) for (const poll of running) if (!known.has(poll.id)) this.onStarted?.(poll);
  }
}
