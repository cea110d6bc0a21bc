import { type FormEvent, useId, useState } from 'react';
import { type Answer, isChoice, type Poll, type Question, readyAnswers } from './polls';

const NO_ANSWER: Answer = { options: [], text: '', skipped: false };
const LONGEST_SHORT = 200;
const LONGEST_LONG = 2_000;

/** What is still to be answered, sent in one go. */
export function PollBallot({ poll, onVote }: { poll: Poll; onVote: (responses: object[]) => void }) {
  const [answers, setAnswers] = useState<Record<number, Answer>>({});
  const ready = readyAnswers(poll, answers);
  const left = poll.questions.filter((one) => poll.mine?.[one.index] === undefined);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onVote(ready);
  };
  return (
    <form className="ballot" onSubmit={send}>
      {left.map((question) => (
        <AskedQuestion
          key={question.index}
          question={question}
          answer={answers[question.index] ?? NO_ANSWER}
          onAnswer={(answer) => setAnswers({ ...answers, [question.index]: answer })}
        />
      ))}
      <button type="submit" className="button primary small" disabled={ready === null}>
        {poll.type === 'quiz' ? 'Answer' : 'Vote'}
      </button>
    </form>
  );
}

interface AskedProps {
  question: Question;
  answer: Answer;
  onAnswer: (answer: Answer) => void;
}

function AskedQuestion({ question, answer, onAnswer }: AskedProps) {
  const name = useId();
  const many = question.type === 'multiple-choice';
  const choose = (option: number, chosen: boolean) => {
    const others = many ? answer.options.filter((one) => one !== option) : [];
    onAnswer({ ...answer, options: (chosen ? [...others, option] : others).sort((a, b) => a - b) });
  };
  return (
    <fieldset className="question">
      <legend>
        {question.text}
        {question.skippable && <span className="soft"> (optional)</span>}
        {many && <span className="soft"> (several answers)</span>}
      </legend>
      {isChoice(question.type) ? (
        question.options.map((option) => (
          <label key={option.index} className="choice">
            <input
              type={many ? 'checkbox' : 'radio'}
              name={name}
              checked={answer.options.includes(option.index)}
              onChange={(event) => choose(option.index, event.target.checked)}
            />
            <span>{option.text}</span>
          </label>
        ))
      ) : (
        <textarea
          rows={question.type === 'long-answer' ? 4 : 1}
          maxLength={question.type === 'long-answer' ? LONGEST_LONG : LONGEST_SHORT}
          aria-label={`Answer to: ${question.text}`}
          value={answer.text}
          onChange={(event) => onAnswer({ ...answer, text: event.target.value })}
        />
      )}
    </fieldset>
  );
}
