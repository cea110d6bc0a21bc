import { useEffect, useState } from 'react';
import { PollBallot } from './PollBallot';
import { Leaderboard, PollResults } from './PollResults';
import { isChangeable, isOpen, type Poll, type Polls, timeLeft } from './polls';

interface Props {
  poll: Poll;
  mayWrite: boolean;
  ahead: number;
  polls: Polls;
  attempt: (work: Promise<void>) => Promise<void>;
}

/** One poll: to be answered, answered, over, or waiting to be started. */
export function PollCard({ poll, mayWrite, ahead, polls, attempt }: Props) {
  const [changing, setChanging] = useState(false);
  const kind = poll.type === 'quiz' ? 'Quiz' : 'Poll';
  const open = isOpen(poll);
  const ballot = open || (changing && isChangeable(poll));
  const vote = (answers: object[]) => {
    setChanging(false);
    void attempt(polls.vote(poll.poll, answers));
  };
  return (
    <li className="poll" aria-label={`${kind}: ${poll.title}`}>
      <p className="poll-about">
        {kind}
        {poll.anonymous && ' · anonymous'}
        <State poll={poll} ahead={ahead} />
      </p>
      <h3>{poll.title}</h3>
      {ballot && <PollBallot poll={poll} onVote={vote} />}
      {poll.state === 'started' && poll.may_vote && !ballot && (
        <p className="poll-note" role="status">
          {poll.shows_results ? 'You have answered.' : 'You have answered. How it went is shown at the end.'}
        </p>
      )}
      {poll.state === 'created' && <Outline poll={poll} />}
      {poll.shows_results && !ballot && <PollResults poll={poll} />}
      {poll.type === 'quiz' && poll.state === 'stopped' && !poll.anonymous && (
        <Leaderboard poll={poll.poll} polls={polls} />
      )}
      <div className="poll-actions">
        {isChangeable(poll) && !changing && (
          <button type="button" className="button small" onClick={() => setChanging(true)}>
            Change my answer
          </button>
        )}
        {mayWrite && poll.state === 'created' && (
          <button
            type="button"
            className="button primary small"
            onClick={() => void attempt(polls.start(poll.poll))}
          >
            Start
          </button>
        )}
        {mayWrite && poll.state === 'started' && (
          <button type="button" className="button small" onClick={() => void attempt(polls.stop(poll.poll))}>
            {`End ${poll.type}`}
          </button>
        )}
      </div>
    </li>
  );
}

function State({ poll, ahead }: { poll: Poll; ahead: number }) {
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
      {poll.ends_at === null ? 'Open' : `Open for ${timeLeft(poll.ends_at, now + ahead)}`}
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
