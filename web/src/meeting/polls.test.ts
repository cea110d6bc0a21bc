import { expect, it } from 'vitest';
import { type Draft, missing, newDraft, newQuestion, toRequest } from './draft';
import {
  asked,
  isChangeable,
  isOpen,
  type Poll,
  type Question,
  readyAnswers,
  share,
  timeLeft,
} from './polls';

const question = (index: number, more: Partial<Question> = {}): Question => ({
  index,
  text: 'Which?',
  type: 'single-choice',
  weight: 1,
  skippable: false,
  once: true,
  longest: 100,
  options: [
    { index: 1, text: 'This', votes: null },
    { index: 2, text: 'That', votes: null },
  ],
  answer: null,
  responses: null,
  skipped: null,
  right: null,
  mine: null,
  ...more,
});
const answer = (options: number[], text = '') => ({ options, text, skipped: false, correct: null });
const TEXT = { type: 'short-answer' as const, skippable: true, options: [] };
const poll = (more: Partial<Poll> = {}): Poll => ({
  poll: 'p',
  title: 'Lunch',
  type: 'poll',
  state: 'started',
  anonymous: false,
  duration: 0,
  started_at: 1,
  ends_at: null,
  may_vote: true,
  shows_results: false,
  voters: null,
  questions: [question(1), question(2, TEXT)],
  ...more,
});

it('is open until every question has an answer, it is over, or one may not answer', () => {
  const half = [question(1, { mine: answer([1]) }), question(2, TEXT)];
  const whole = [question(1, { mine: answer([1]) }), question(2, { ...TEXT, mine: answer([], 'x') })];
  expect(isOpen(poll())).toBe(true);
  expect(isOpen(poll({ questions: half }))).toBe(true);
  expect(isOpen(poll({ questions: whole }))).toBe(false);
  expect(isOpen(poll({ state: 'stopped' }))).toBe(false);
  expect(isOpen(poll({ may_vote: false }))).toBe(false);
});

it('can be changed where an answer need not stay, and asks only what can still be said', () => {
  const questions = [question(1, { mine: answer([1]) }), question(2, { mine: answer([2]), once: false })];
  expect(isChangeable(poll({ questions }))).toBe(true);
  expect(asked(poll({ questions })).map((one) => one.index)).toEqual([2]);
  expect(isChangeable(poll({ questions: [question(1, { mine: answer([1]) })] }))).toBe(false);
  expect(isChangeable(poll())).toBe(false);
});

it('sends nothing while a needed answer is missing, and says what was skipped', () => {
  const { questions } = poll();
  expect(readyAnswers(questions, {})).toBeNull();
  expect(readyAnswers(questions, { 1: answer([2]) })).toEqual([
    { question: 1, options: [2] },
    { question: 2, skipped: true },
  ]);
  expect(readyAnswers([question(2, TEXT)], { 2: answer([], '  soup ') })).toEqual([
    { question: 2, text: 'soup' },
  ]);
});

it('counts shares and the time left', () => {
  expect(share(1, 3)).toBe(33);
  expect(share(0, 0)).toBe(0);
  expect(timeLeft(65_000, 0)).toBe('1:05');
  expect(timeLeft(0, 5)).toBe('0:00');
});

const draft = (more: Partial<Draft> = {}): Draft => ({
  ...newDraft(),
  title: 'Lunch',
  questions: [{ ...newQuestion(), text: 'What?', options: [' Soup', '', 'Salad'], right: [2] }],
  ...more,
});

it('leaves empty options out, and counts the right ones again', () => {
  expect(toRequest(draft({ type: 'quiz', minutes: '1.5' }))).toEqual({
    title: 'Lunch',
    type: 'quiz',
    anonymous: false,
    duration: 90,
    questions: [
      {
        text: 'What?',
        type: 'single-choice',
        skippable: false,
        options: ['Soup', 'Salad'],
        answer: { options: [2] },
      },
    ],
  });
  const text = { ...newQuestion(), text: 'Why?', type: 'long-answer' as const };
  expect(toRequest(draft({ questions: [text] }))).toMatchObject({
    questions: [{ text: 'Why?', type: 'long-answer' }],
  });
});

it('says what a draft still lacks', () => {
  const [one] = draft().questions;
  expect(missing(draft())).toBeNull();
  expect(missing(draft({ title: ' ' }))).toMatch(/title/);
  expect(missing(draft({ minutes: '0' }))).toMatch(/time limit/);
  if (!one) throw new Error('a draft has a question');
  expect(missing(draft({ questions: [{ ...one, text: '' }] }))).toMatch(/no words/);
  expect(missing(draft({ questions: [{ ...one, options: ['a', ' '] }] }))).toMatch(/two options/);
  expect(missing(draft({ questions: [{ ...one, options: ['a', 'a '] }] }))).toMatch(/twice/);
  expect(missing(draft({ type: 'quiz', questions: [{ ...one, right: [1] }] }))).toMatch(/right answer/);
});
