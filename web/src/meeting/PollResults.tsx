import { useEffect, useState } from 'react';
import { isChoice, type Leader, type Poll, type Polls, type Question, share } from './polls';

/** How the votes fell, question by question. */
export function PollResults({ poll }: { poll: Poll }) {
  const voters = poll.voters === 1 ? '1 person has answered' : `${poll.voters} people have answered`;
  return (
    <div className="poll-results">
      {poll.questions.map((question) => (
        <Result key={question.index} question={question} />
      ))}
      <p className="poll-note">{voters}</p>
    </div>
  );
}

function Result({ question }: { question: Question }) {
  const { mine, answer, responses, skipped, right } = question;
  const answers = (responses ?? 0) - (skipped ?? 0);
  if (!isChoice(question.type))
    return (
      <div className="result">
        <h4>{question.text}</h4>
        {mine?.text && <p className="own-answer">{mine.text}</p>}
        <p className="poll-note">
          {answers === 1 ? '1 answer' : `${answers} answers`}
          {answer?.text && `, ${right ?? 0} right: ${answer.text}`}
        </p>
      </div>
    );
  return (
    <div className="result">
      <h4>{question.text}</h4>
      <ul aria-label={`Results of: ${question.text}`}>
        {question.options.map((option) => {
          const percent = share(option.votes ?? 0, answers);
          const isRight = answer?.options.includes(option.index) ?? false;
          return (
            <li key={option.index} className={isRight ? 'right' : ''}>
              <span className="result-line">
                <span>
                  {option.text}
                  {isRight && <span className="mark"> ✓ right</span>}
                  {mine?.options.includes(option.index) && <span className="soft"> (you)</span>}
                </span>
                <span>{`${percent} % (${option.votes ?? 0})`}</span>
              </span>
              <span className="bar" aria-hidden="true">
                <span style={{ inlineSize: `${percent}%` }} />
              </span>
            </li>
          );
        })}
      </ul>
    </div>
  );
}

/** The best of a quiz that is over; nothing where they may not be known. */
export function Leaderboard({ poll, polls }: { poll: string; polls: Polls }) {
  const [leaders, setLeaders] = useState<readonly Leader[]>([]);
  useEffect(() => {
    let here = true;
    polls.leaders(poll).then(
      (found) => here && setLeaders(found),
      () => undefined,
    );
    return () => {
      here = false;
    };
  }, [poll, polls]);
  if (leaders.length === 0) return null;
  return (
    <div className="leaderboard">
      <h4>Leaderboard</h4>
      <ol>
        {leaders.map((leader, at) => (
          <li key={leader.identity || at}>
            <span>{leader.name || leader.identity || 'Somebody'}</span>
            <span className="soft">{`${leader.score} ${leader.score === 1 ? 'point' : 'points'}`}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
