import { Choice } from './Dialog';
import { type DraftQuestion, LONGEST_TEXT, MOST_OPTIONS } from './draft';
import { Icon } from './Icon';
import { isChoice, type QuestionType } from './polls';

const TYPES: Record<QuestionType, string> = {
  'single-choice': 'One answer',
  'multiple-choice': 'Several answers',
  'short-answer': 'A few words',
  'long-answer': 'A text',
};

interface Props {
  question: DraftQuestion;
  /** Null where it is the only one: it needs no number, and cannot be taken out. */
  number: number | null;
  quiz: boolean;
  onChange: (to: DraftQuestion | null) => void;
}

export function PollQuestionForm({ question, number, quiz, onChange }: Props) {
  const name = number === null ? 'Question' : `Question ${number}`;
  const single = question.type === 'single-choice';
  return (
    <fieldset className="question">
      <legend>{name}</legend>
      <textarea
        rows={2}
        aria-label={`${name}: its words`}
        maxLength={LONGEST_TEXT}
        value={question.text}
        onChange={(event) => onChange({ ...question, text: event.target.value })}
      />
      <select
        aria-label={`${name}: how it is answered`}
        value={question.type}
        onChange={(event) => onChange({ ...question, type: event.target.value as QuestionType, right: [] })}
      >
        {Object.entries(TYPES).map(([type, words]) => (
          <option key={type} value={type}>
            {words}
          </option>
        ))}
      </select>
      {isChoice(question.type) && (
        <Options question={question} name={name} single={single} quiz={quiz} onChange={onChange} />
      )}
      <Choice checked={question.skippable} onChange={(skippable) => onChange({ ...question, skippable })}>
        May be skipped
      </Choice>
      {number !== null && (
        <button type="button" className="button quiet small" onClick={() => onChange(null)}>
          {`Take ${name.toLowerCase()} out`}
        </button>
      )}
    </fieldset>
  );
}

interface OptionsProps {
  question: DraftQuestion;
  name: string;
  single: boolean;
  quiz: boolean;
  onChange: (to: DraftQuestion) => void;
}

function Options({ question, name, single, quiz, onChange }: OptionsProps) {
  const { options, right } = question;
  const setOption = (at: number, text: string) =>
    onChange({ ...question, options: options.map((one, index) => (index === at ? text : one)) });
  const setRight = (at: number, is: boolean) => {
    const others = single ? [] : right.filter((one) => one !== at);
    onChange({ ...question, right: is ? [...others, at] : others });
  };
  const takeOut = (at: number) =>
    onChange({
      ...question,
      options: options.filter((_, index) => index !== at),
      right: right.filter((one) => one !== at).map((one) => (one > at ? one - 1 : one)),
    });
  return (
    <>
      {quiz && <p className="poll-note">Mark what is right.</p>}
      {options.map((option, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an option is its place
        <div key={at} className="option">
          {quiz && (
            <input
              type={single ? 'radio' : 'checkbox'}
              name={`right-${question.key}`}
              aria-label={`${name}: option ${at + 1} is right`}
              checked={right.includes(at)}
              onChange={(event) => setRight(at, event.target.checked)}
            />
          )}
          <input
            aria-label={`${name}: option ${at + 1}`}
            placeholder={`Option ${at + 1}`}
            maxLength={LONGEST_TEXT}
            value={option}
            onChange={(event) => setOption(at, event.target.value)}
          />
          {options.length > 2 && (
            <button type="button" className="button quiet" onClick={() => takeOut(at)}>
              <Icon name="close" />
              <span className="hidden-words">{`Take option ${at + 1} out`}</span>
            </button>
          )}
        </div>
      ))}
      {options.length < MOST_OPTIONS && (
        <button
          type="button"
          className="button quiet small"
          onClick={() => onChange({ ...question, options: [...options, ''] })}
        >
          Add an option
        </button>
      )}
    </>
  );
}
