// A poll being written: what the form holds, what is still missing, and what is sent.
import { isChoice, type QuestionType } from './polls';

export interface DraftQuestion {
  /** For React only. */
  key: number;
  text: string;
  type: QuestionType;
  skippable: boolean;
  options: string[];
  /** Positions in `options` of the right ones; of a quiz. */
  right: number[];
}

export interface Draft {
  title: string;
  type: 'poll' | 'quiz';
  anonymous: boolean;
  minutes: string;
  questions: DraftQuestion[];
}

export const MOST_QUESTIONS = 20;
export const MOST_OPTIONS = 10;
export const LONGEST_TITLE = 100;
export const LONGEST_TEXT = 300;

let keys = 0;

export function newQuestion(): DraftQuestion {
  keys += 1;
  return { key: keys, text: '', type: 'single-choice', skippable: false, options: ['', ''], right: [] };
}

export function newDraft(): Draft {
  return { title: '', type: 'poll', anonymous: false, minutes: '', questions: [newQuestion()] };
}

const filled = (options: readonly string[]) => options.filter((option) => option.trim() !== '');

/** Why it cannot be sent yet, in words; null when it can. */
export function missing(draft: Draft): string | null {
  if (draft.title.trim() === '') return 'Give it a title.';
  if (draft.minutes !== '' && !(Number(draft.minutes) > 0 && Number(draft.minutes) <= 1440))
    return 'A time limit is between a moment and a day, in minutes.';
  for (const [at, question] of draft.questions.entries()) {
    const which = draft.questions.length > 1 ? `Question ${at + 1}` : 'The question';
    if (question.text.trim() === '') return `${which} has no words yet.`;
    if (!isChoice(question.type)) continue;
    const options = filled(question.options).map((option) => option.trim());
    if (options.length < 2) return `${which} needs two options or more.`;
    if (new Set(options).size < options.length) return `${which} has the same option twice.`;
    const right = question.right.filter((one) => question.options[one]?.trim());
    if (draft.type === 'quiz' && right.length === 0) return `${which} needs a right answer.`;
  }
  return null;
}

/** What the server is sent. Empty options are left out, so the right ones are counted again. */
export function toRequest(draft: Draft): object {
  return {
    title: draft.title.trim(),
    type: draft.type,
    anonymous: draft.anonymous,
    ...(draft.minutes === '' ? {} : { duration: Math.ceil(Number(draft.minutes) * 60) }),
    questions: draft.questions.map((question) => {
      const { text, type, skippable } = question;
      if (!isChoice(type)) return { text: text.trim(), type, skippable };
      const kept = question.options.map((option, at) => ({ option: option.trim(), at }));
      const options = kept.filter(({ option }) => option !== '');
      const answer = options.flatMap(({ at }, index) => (question.right.includes(at) ? [index + 1] : []));
      return {
        text: text.trim(),
        type,
        skippable,
        options: options.map(({ option }) => option),
        ...(draft.type === 'quiz' ? { answer: { options: answer } } : {}),
      };
    }),
  };
}
