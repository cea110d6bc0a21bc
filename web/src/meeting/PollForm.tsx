import { type FormEvent, useEffect, useRef, useState } from 'react';
import { Choice } from './Dialog';
import {
  type DraftQuestion,
  LONGEST_TITLE,
  MOST_QUESTIONS,
  missing,
  newDraft,
  newQuestion,
  toRequest,
} from './draft';
import { PollQuestionForm } from './PollQuestionForm';
import { pollTrouble } from './polls';

interface Props {
  onSend: (draft: object, andStart: boolean) => Promise<void>;
  onDone: () => void;
}

/** Writing a poll or quiz. */
export function PollForm({ onSend, onDone }: Props) {
  const [draft, setDraft] = useState(newDraft);
  const [trouble, setTrouble] = useState<string | null>(null);
  const [sending, setSending] = useState(false);
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);

  const change = (more: Partial<typeof draft>) => {
    setDraft({ ...draft, ...more });
    setTrouble(null);
  };
  const changeQuestion = (key: number, to: DraftQuestion | null) =>
    change({
      questions: draft.questions.flatMap((one) => {
        if (one.key !== key) return [one];
        return to === null ? [] : [to];
      }),
    });

  async function send(andStart: boolean): Promise<void> {
    const lacking = missing(draft);
    setTrouble(lacking);
    if (lacking || sending) return;
    setSending(true);
    try {
      await onSend(toRequest(draft), andStart);
      onDone();
    } catch (error) {
      setTrouble(pollTrouble(error));
      setSending(false);
    }
  }

  return (
    <form
      className="poll-form"
      onSubmit={(event: FormEvent) => {
        event.preventDefault();
        void send(true);
      }}
    >
      <fieldset className="kinds">
        <legend className="hidden-words">What it is</legend>
        {(['poll', 'quiz'] as const).map((type) => (
          <label key={type} className="choice">
            <input type="radio" name="kind" checked={draft.type === type} onChange={() => change({ type })} />
            <span>{type === 'poll' ? 'Poll' : 'Quiz, with right answers'}</span>
          </label>
        ))}
      </fieldset>
      <label>
        Title
        <input
          ref={first}
          maxLength={LONGEST_TITLE}
          value={draft.title}
          onChange={(event) => change({ title: event.target.value })}
        />
      </label>
      {draft.questions.map((question, at) => (
        <PollQuestionForm
          key={question.key}
          question={question}
          number={draft.questions.length > 1 ? at + 1 : null}
          quiz={draft.type === 'quiz'}
          onChange={(to) => changeQuestion(question.key, to)}
        />
      ))}
      {draft.questions.length < MOST_QUESTIONS && (
        <button
          type="button"
          className="button small"
          onClick={() => change({ questions: [...draft.questions, newQuestion()] })}
        >
          Add a question
        </button>
      )}
      <label>
        Time limit in minutes (optional)
        <input
          inputMode="decimal"
          size={5}
          value={draft.minutes}
          onChange={(event) => change({ minutes: event.target.value.trim() })}
        />
      </label>
      <Choice checked={draft.anonymous} onChange={(anonymous) => change({ anonymous })}>
        Nobody is told who answered what
      </Choice>
      <p role="alert" className="lobby-problem">
        {trouble}
      </p>
      <div className="poll-actions">
        <button type="submit" className="button primary small" disabled={sending}>
          Start now
        </button>
        <button type="button" className="button small" disabled={sending} onClick={() => void send(false)}>
          Keep for later
        </button>
        <button type="button" className="button quiet small" onClick={onDone}>
          Cancel
        </button>
      </div>
    </form>
  );
}
