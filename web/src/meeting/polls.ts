// Polls and quizzes of the room: what the server says of them, asked anew whenever it tells that one
// changed, and what the visitor does to them.
import { type Room, RoomEvent } from 'livekit-client';
import { Store } from '../shared/store';
import { post, RefusedError } from './api';
import { Refresher } from './refresher';

export const POLLS_TOPIC = 'polyroom.polls';

export type QuestionType = 'single-choice' | 'multiple-choice' | 'short-answer' | 'long-answer';

export interface Answer {
  options: number[];
  text: string;
  skipped: boolean;
}

export interface Question {
  /** From 1, as options are. */
  index: number;
  text: string;
  type: QuestionType;
  weight: number;
  skippable: boolean;
  /** An answer stays as it was given. */
  once: boolean;
  /** Characters an answer may have. */
  longest: number;
  /** With their votes, where these may be known. */
  options: { index: number; text: string; votes: number | null }[];
  /** What is right, where that may be known. */
  answer: { options: number[]; text: string } | null;
  responses: number | null;
  skipped: number | null;
  right: number | null;
  mine: (Answer & { correct: boolean | null }) | null;
}

export interface Poll {
  /** Its id. */
  poll: string;
  title: string;
  type: 'poll' | 'quiz';
  anonymous: boolean;
  /** Seconds it runs; 0: until somebody stops it. */
  duration: number;
  state: 'created' | 'started' | 'stopped';
  started_at: number | null;
  ends_at: number | null;
  may_vote: boolean;
  shows_results: boolean;
  voters: number | null;
  questions: Question[];
}

export interface Leader {
  identity: string;
  name: string;
  score: number;
  answered: number;
  correct: number;
}

export interface PollsState {
  mayWrite: boolean;
  polls: readonly Poll[];
  /** How far the server's clock is ahead of this one's, in milliseconds. */
  ahead: number;
}

interface Listed {
  may_write: boolean;
  now: number;
  polls: Poll[];
}

const NOT_DONE = 'That did not work. Please try again.';

/** The server's own words where it refused, ours where it did not answer. */
export const pollTrouble = (error: unknown) =>
  (error instanceof RefusedError && error.status >= 400 && error.status < 500 && error.message) || NOT_DONE;

const NOTHING: PollsState = { mayWrite: false, polls: [], ahead: 0 };

export const isChoice = (type: QuestionType) => type === 'single-choice' || type === 'multiple-choice';

/** Running, and the visitor has not answered all of it. */
export const isOpen = (poll: Poll) =>
  poll.state === 'started' && poll.may_vote && poll.questions.some((one) => one.mine === null);

/** Answered, and may be answered otherwise. */
export const isChangeable = (poll: Poll) =>
  poll.state === 'started' && poll.may_vote && !isOpen(poll) && poll.questions.some((one) => !one.once);

/** The questions that can be answered now. */
export const asked = (poll: Poll) => poll.questions.filter((one) => one.mine === null || !one.once);

/** What may be sent of the answers so far; null while a question that needs one has none. */
export function readyAnswers(
  questions: readonly Question[],
  answers: Record<number, Answer>,
): object[] | null {
  const found: object[] = [];
  for (const { index, type, skippable } of questions) {
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

  async create(draft: object, start: boolean): Promise<void> {
    await post('/meet/polls/create', { ticket: this.ticket(), poll: draft, start });
    await this.refresh();
  }

  start(poll: string): Promise<void> {
    return this.act('start', poll);
  }

  stop(poll: string): Promise<void> {
    return this.act('stop', poll);
  }

  vote(poll: string, answers: object[]): Promise<void> {
    return this.act('vote', poll, { answers });
  }

  /** The best of a quiz, best first. */
  async leaders(poll: string): Promise<readonly Leader[]> {
    const ticket = this.ticket();
    const found = await post<{ leaders: Leader[] }>('/meet/polls/leaders', { ticket, poll, limit: 10 });
    return found.leaders;
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
      const ahead = found.now - Date.now();
      this.state.set({ mayWrite: found.may_write, polls: found.polls, ahead });
      this.tell(found.polls);
    } catch (error) {
      if (error instanceof RefusedError && error.status !== 0) this.state.set(NOTHING);
    }
  }

  /** Polls that ran before one came are no news. */
  private tell(polls: readonly Poll[]): void {
    const running = polls.filter((poll) => poll.state === 'started');
    const known = this.known;
    this.known = new Set(running.map((one) => one.poll));
    if (known) for (const one of running) if (!known.has(one.poll) && one.may_vote) this.onStarted?.(one);
  }
}
