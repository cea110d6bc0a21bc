import { type FormEvent, useId, useState } from 'react';
import { type Answer, asked, isChoice, type Poll, type Question, readyAnswers } from './polls';

const NO_ANSWER: Answer = { options: [], text: '', skipped: false };

/** What can be answered, sent in one go; what was answered before stands there already. */
export function PollBallot({ poll, onVote }: { poll: Poll; onVote: (responses: object[]) => void }) {
  const questions = asked(poll);
  const [answers, setAnswers] = useState<Record<number, Answer>>(() =>
    Object.fromEntries(questions.flatMap(({ index, mine }) => (mine ? [[index, mine]] : []))),
  );
  const ready = readyAnswers(questions, answers);
  const send = (event: FormEvent) => {
    event.preventDefault();
    if (ready) onVote(ready);
  };
  return (
    <form className="ballot" onSubmit={send}>
      {questions.map((question) => (
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
          maxLength={question.longest}
          aria-label={`Answer to: ${question.text}`}
          value={answer.text}
          onChange={(event) => onAnswer({ ...answer, text: event.target.value })}
        />
      )}
    </fieldset>
  );
}
