import { useState } from 'react';
import { useStore } from '../shared/store';
import { Panel } from './Panel';
import { PollCard } from './PollCard';
import { PollForm } from './PollForm';
import { type Polls, pollTrouble } from './polls';

interface Props {
  polls: Polls;
  say: (text: string) => void;
  onClose: () => void;
}

export function PollsPanel({ polls, say, onClose }: Props) {
  const { polls: all, mayWrite, ahead } = useStore(polls.state);
  const [writing, setWriting] = useState(false);
  const attempt = (work: Promise<void>) => work.catch((error: unknown) => say(pollTrouble(error)));
  const onDone = () => setWriting(false);
  return (
    <Panel title="Polls" onClose={onClose}>
      {writing && mayWrite ? (
        <PollForm onSend={(draft, andStart) => polls.create(draft, andStart)} onDone={onDone} />
      ) : (
        <>
          {mayWrite && (
            <div className="poll-new">
              <button type="button" className="button primary small" onClick={() => setWriting(true)}>
                New poll or quiz
              </button>
            </div>
          )}
          <ul className="polls" aria-label="Polls of this room">
            {all.length === 0 && <li className="polls-empty">No polls yet.</li>}
            {all.map((poll) => (
              <PollCard
                key={poll.poll}
                poll={poll}
                mayWrite={mayWrite}
                ahead={ahead}
                polls={polls}
                attempt={attempt}
              />
            ))}
          </ul>
        </>
      )}
    </Panel>
  );
}
