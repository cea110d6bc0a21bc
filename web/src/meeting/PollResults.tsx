import { isChoice, type Place, type Poll, type Question, type QuestionResult, share } from './polls';

/** How the votes fell, question by question. */
export function PollResults({ poll, results }: { poll: Poll; results: NonNullable<Poll['results']> }) {
  const voters = results.voters === 1 ? '1 person has answered' : `${results.voters} people have answered`;
  return (
    <div className="poll-results">
      {poll.questions.map((question) => {
        const result = results.questions.find((one) => one.index === question.index);
        if (!result) return null;
        return <Result key={question.index} question={question} result={result} poll={poll} />;
      })}
      <p className="poll-note">{voters}</p>
    </div>
  );
}

function Result({ question, result, poll }: { question: Question; result: QuestionResult; poll: Poll }) {
  const mine = poll.mine?.[question.index];
  const answers = result.total - result.skipped;
  return (
    <div className="result">
      <h4>{question.text}</h4>
      {isChoice(question.type) ? (
        <ul aria-label={`Results of: ${question.text}`}>
          {question.options.map((option, at) => {
            const count = result.options[at] ?? 0;
            const percent = share(count, answers);
            const right = question.answer?.includes(option.index) ?? false;
            return (
              <li key={option.index} className={right ? 'right' : ''}>
                <span className="result-line">
                  <span>
                    {option.text}
                    {right && <span className="mark"> ✓ right</span>}
                    {mine?.options.includes(option.index) && <span className="soft"> (you)</span>}
                  </span>
                  <span>{`${percent} % (${count})`}</span>
                </span>
                <span className="bar" aria-hidden="true">
                  <span style={{ inlineSize: `${percent}%` }} />
                </span>
              </li>
            );
          })}
        </ul>
      ) : (
        <Texts texts={result.texts} />
      )}
    </div>
  );
}

function Texts({ texts }: { texts: readonly string[] }) {
  if (texts.length === 0) return <p className="poll-note">No answers.</p>;
  return (
    <ul className="texts">
      {texts.map((text, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: answers have no names, and may be alike
        <li key={at}>{text}</li>
      ))}
    </ul>
  );
}

export function Leaderboard({ places }: { places: readonly Place[] }) {
  return (
    <div className="leaderboard">
      <h4>Leaderboard</h4>
      <ol>
        {places.map((place) => (
          <li key={place.identity}>
            <span>{place.name || place.identity}</span>
            <span className="soft">{`${place.score} ${place.score === 1 ? 'point' : 'points'}`}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
