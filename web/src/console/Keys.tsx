import { useState } from 'react';
import { post, remove } from './api';
import { useList } from './live';
import { Act, Ask, Badge, Card, Dialog, Empty, Head, Listing, Moment, Secrets } from './parts';
import { query } from './routes';
import type { Credentials, Key, Me } from './types';

const DIALECTS = ['100ms', 'telnyx', 'phenix', 'streamwise', 'livekit'];

type NewKey = Key & { credentials: Credentials };

export function KeysPage({ me, account }: { me: Me; account: string | null }) {
  const list = useList<Key>(query('/keys', { account }), { page: 50, every: 15_000 });
  const [dialect, setDialect] = useState(DIALECTS[0] as string);
  const [made, setMade] = useState<NewKey | null>(null);
  const [revoking, setRevoking] = useState<Key | null>(null);
  return (
    <>
      <Head
        title="Keys"
        lead="What applications prove themselves with. Each opens one API, and this console."
      >
        <div className="inline-form">
          <select
            aria-label="API of the new key"
            value={dialect}
            onChange={(event) => setDialect(event.target.value)}
          >
            {DIALECTS.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
          <Act
            verb="Make a key"
            busyVerb="Making…"
            run={async () => {
              setMade(await post<NewKey>(query('/keys', { account }), { dialect }));
              list.again();
            }}
          />
        </div>
      </Head>
      <Card flush>
        <Listing list={list} empty={<Empty title="The account has no living key." />}>
          {(keys) => (
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">API</th>
                  <th scope="col">Id</th>
                  <th scope="col">Made</th>
                  <th scope="col">
                    <span className="hidden-words">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {keys.map((one) => (
                  <tr key={one.id}>
                    <td data-label="API" className="main-cell">
                      {one.dialect}
                    </td>
                    <td data-label="Id">
                      <code className="breaks">{one.public_id}</code>{' '}
                      {me.key?.id === one.id && <Badge look="note">signed in by it</Badge>}
                    </td>
                    <td data-label="Made">
                      <Moment at={one.created_at} />
                    </td>
                    <td className="row-actions">
                      <button type="button" className="button small" onClick={() => setRevoking(one)}>
                        Revoke
                      </button>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Listing>
      </Card>
      {made && (
        <ShownOnce
          title={`New ${made.dialect} key`}
          values={made.credentials}
          onClose={() => setMade(null)}
        />
      )}
      {revoking && (
        <Ask
          title={`Revoke this ${revoking.dialect} key?`}
          text={
            <>
              Applications that use <code className="breaks">{revoking.public_id}</code> are refused from now
              on
              {me.key?.id === revoking.id && ', and you are signed out'}.
            </>
          }
          verb="Revoke"
          onClose={() => setRevoking(null)}
          onYes={async () => {
            await remove(
              query(`/keys/${revoking.dialect}/${encodeURIComponent(revoking.public_id)}`, { account }),
            );
            list.again();
          }}
        />
      )}
    </>
  );
}

export function ShownOnce({
  title,
  values,
  onClose,
}: {
  title: string;
  values: Credentials;
  onClose: () => void;
}) {
  return (
    <Dialog title={title} onClose={onClose}>
      <Secrets values={Object.entries(values)}>The secret is shown this once: keep it now.</Secrets>
      <div className="dialog-buttons">
        <button type="button" className="button primary" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  );
}
