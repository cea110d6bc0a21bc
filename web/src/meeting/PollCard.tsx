import { useEffect, useState } from 'react';
import { PollBallot } from './PollBallot';
import { Leaderboard, PollResults } from './PollResults';
import { isOpen, type Poll, timeLeft } from './polls';

interface Props {
  poll: Poll;
  mayWrite: boolean;
  onVote: (responses: object[]) => void;
  onStart: () => void;
  onStop: () => void;
  onRemove: () => void;
}

/** One poll: to be answered, answered, over, or waiting to be started. */
export function PollCard({ poll, mayWrite, onVote, onStart, onStop, onRemove }: Props) {
  const kind = poll.type === 'quiz' ? 'Quiz' : 'Poll';
  const open = isOpen(poll);
  return (
    <li className="poll" aria-label={`${kind}: ${poll.title}`}>
      <p className="poll-about">
        {kind}
        {poll.by?.name && ` by ${poll.by.name}`}
        {poll.anonymous && ' · anonymous'}
        <State poll={poll} />
      </p>
      <h3>{poll.title}</h3>
      {open && <PollBallot poll={poll} onVote={onVote} />}
      {!open && poll.state === 'started' && (
        <p className="poll-note" role="status">
          {poll.results ? 'You have answered.' : 'You have answered. The results come when the quiz is over.'}
        </p>
      )}
      {poll.state === 'created' && <Outline poll={poll} />}
      {poll.results && (!open || mayWrite) && <PollResults poll={poll} results={poll.results} />}
      {poll.leaderboard && poll.leaderboard.length > 0 && <Leaderboard places={poll.leaderboard} />}
      {mayWrite && poll.state !== 'stopped' && (
        <div className="poll-actions">
          {poll.state === 'created' ? (
            <>
              <button type="button" className="button primary small" onClick={onStart}>
                Start
              </button>
              <button type="button" className="button small" onClick={onRemove}>
                Remove
              </button>
            </>
          ) : (
            <button type="button" className="button small" onClick={onStop}>
              {`End ${poll.type}`}
            </button>
          )}
        </div>
      )}
    </li>
  );
}

function State({ poll }: { poll: Poll }) {
  const [now, setNow] = useState(Date.now);
  const runs = poll.state === 'started' && poll.ends_at !== null;
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => setNow(Date.now()), 1000);
    return () => clearInterval(timer);
  }, [runs]);
  if (poll.state === 'created') return <span className="poll-state">Not started</span>;
  if (poll.state === 'stopped') return <span className="poll-state">Over</span>;
  return (
    <span className="poll-state running">
      {poll.ends_at === null ? 'Open' : `Open for ${timeLeft(poll.ends_at, now)}`}
    </span>
  );
}

function Outline({ poll }: { poll: Poll }) {
  return (
    <ol className="poll-outline">
      {poll.questions.map((one) => (
        <li key={one.index}>{one.text}</li>
      ))}
    </ol>
  );
}
