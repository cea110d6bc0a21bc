import { useList } from './live';
import { Card, Empty, Listing, Moment } from './parts';
import { query } from './routes';
import type { Message } from './types';

/** What was said in a room, the newest first. */
export function Messages({ room, account }: { room: string; account: string | null }) {
  const list = useList<Message>(query(`/rooms/${encodeURIComponent(room)}/messages`, { account }), {
    page: 30,
    cursor: 'before',
  });
  return (
    <Card title="Messages" note="The newest first" flush>
      <Listing list={list} empty={<Empty title="Nothing was said here, or it was deleted after its time." />}>
        {(lines) => (
          <ol className="lines">
            {lines.map((one) => (
              <li key={one.id}>
                <p className="line-head">
                  <strong className="clip" title={one.name}>
                    {one.name || (one.from_application ? 'The application' : 'Somebody')}
                  </strong>
                  {one.from_application && <span className="tag">application</span>}
                  <Audience message={one} />
                  <Moment at={one.sent_at} />
                  <span className="soft">{`no. ${one.number}`}</span>
                </p>
                <p className={one.mime_type.startsWith('text/') ? 'line-text' : 'line-text code'}>
                  {one.text}
                </p>
              </li>
            ))}
          </ol>
        )}
      </Listing>
    </Card>
  );
}

function Audience({ message }: { message: Message }) {
  if (message.audience === 'everyone') return null;
  const whom =
    message.audience === 'role'
      ? `role ${message.role}`
      : `${message.recipients} ${message.recipients === 1 ? 'person' : 'people'}`;
  return <span className="tag">{`only for ${whom}`}</span>;
}
