import { expect, it } from 'vitest';
import { type Draft, missing, newDraft, newQuestion, toRequest } from './draft';
import { isOpen, type Poll, readyAnswers, share, timeLeft } from './polls';

const question = (index: number, more = {}) => ({
  index,
  text: 'Which?',
  type: 'single-choice' as const,
  skippable: false,
  weight: 1,
  options: [
    { index: 1, text: 'This' },
    { index: 2, text: 'That' },
  ],
  answer: null,
  ...more,
});
const poll = (more: Partial<Poll> = {}): Poll => ({
  id: 'p',
  title: 'Lunch',
  type: 'poll',
  state: 'started',
  anonymous: false,
  duration: null,
  started_at: 1,
  ends_at: null,
  stopped_at: null,
  by: null,
  questions: [question(1), question(2, { type: 'short-answer', skippable: true, options: [] })],
  mine: null,
  results: null,
  leaderboard: null,
  ...more,
});
const answer = (options: number[], text = '') => ({ options, text, skipped: false });

it('is open until every question has an answer or the poll is over', () => {
  expect(isOpen(poll())).toBe(true);
  expect(isOpen(poll({ mine: { '1': answer([1]) } }))).toBe(true);
  expect(isOpen(poll({ mine: { '1': answer([1]), '2': answer([], 'x') } }))).toBe(false);
  expect(isOpen(poll({ state: 'stopped' }))).toBe(false);
});

it('sends nothing while a needed answer is missing, and says what was skipped', () => {
  expect(readyAnswers(poll(), {})).toBeNull();
  expect(readyAnswers(poll(), { 1: answer([2]) })).toEqual([
    { question: 1, options: [2] },
    { question: 2, skipped: true },
  ]);
  expect(readyAnswers(poll({ mine: { '1': answer([1]) } }), { 2: answer([], '  soup ') })).toEqual([
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
    questions: [{ text: 'What?', type: 'single-choice', options: ['Soup', 'Salad'], answer: [2] }],
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
