import { type FormEvent, useState } from 'react';
import { post, remove, wordsOf } from './api';
import { numberOf } from './format';
import { ShownOnce } from './Keys';
import { useList } from './live';
import { Ask, Badge, Card, Dialog, Empty, Head, Link, Listing, Moment, Trouble } from './parts';
import type { Account, Credentials, LiveAccount } from './types';

type NewAccount = Account & { credentials: Record<string, Credentials> };

export function AccountsPage() {
  const list = useList<LiveAccount>('/accounts', { page: 50 });
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<NewAccount | null>(null);
  const [closing, setClosing] = useState<LiveAccount | null>(null);
  return (
    <>
      <Head title="Accounts" lead="Tenants of this server, each with rooms and keys of its own.">
        <button type="button" className="button primary" onClick={() => setAdding(true)}>
          New account
        </button>
      </Head>
      <Card flush>
        <Listing list={list} empty={<Empty title="There is no account." />}>
          {(accounts) => (
            <table className="table">
              <thead>
                <tr>
                  <th scope="col">Account</th>
                  <th scope="col" className="number">
                    Live rooms
                  </th>
                  <th scope="col" className="number">
                    People
                  </th>
                  <th scope="col">Made</th>
                  <th scope="col">
                    <span className="hidden-words">Actions</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {accounts.map((one) => (
                  <tr key={one.id}>
                    <td data-label="Account" className="main-cell">
                      <Link to={{ at: 'now' }} account={one.is_default ? null : one.id} className="row-link">
                        {one.name}
                      </Link>{' '}
                      {one.is_default && <Badge look="note">default</Badge>}
                    </td>
                    <td data-label="Live rooms" className="number">
                      {numberOf(one.rooms)}
                    </td>
                    <td data-label="People" className="number">
                      {numberOf(one.people)}
                    </td>
                    <td data-label="Made">
                      <Moment at={one.created_at} />
                    </td>
                    <td className="row-actions">
                      {!one.is_default && (
                        <button type="button" className="button small" onClick={() => setClosing(one)}>
                          Close
                        </button>
                      )}
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </Listing>
      </Card>
      {adding && (
        <AddAccount
          onClose={() => setAdding(false)}
          onMade={(account) => {
            setAdding(false);
            setMade(account);
            list.again();
          }}
        />
      )}
      {made && (
        <ShownOnce
          title={`Keys of ${made.name}`}
          values={flat(made.credentials)}
          onClose={() => setMade(null)}
        />
      )}
      {closing && (
        <Ask
          title={`Close ${closing.name}?`}
          text="None of its keys works any more. Its rooms stay in the database. This cannot be undone here."
          verb="Close account"
          onClose={() => setClosing(null)}
          onYes={async () => {
            await remove(`/accounts/${closing.id}`);
            list.again();
          }}
        />
      )}
    </>
  );
}

function flat(credentials: Record<string, Credentials>): Credentials {
  const pairs = Object.entries(credentials).flatMap(([dialect, values]) =>
    Object.entries(values)
      .filter(([name]) => name !== 'base')
      .map(([name, value]): [string, string] => [`${dialect} ${name}`, value]),
  );
  return Object.fromEntries(pairs);
}

function AddAccount({ onClose, onMade }: { onClose: () => void; onMade: (account: NewAccount) => void }) {
  const [name, setName] = useState('');
  const [trouble, setTrouble] = useState<string | null>(null);
  async function add(event: FormEvent): Promise<void> {
    event.preventDefault();
    setTrouble(null);
    try {
      onMade(await post<NewAccount>('/accounts', { name }));
    } catch (error) {
      setTrouble(wordsOf(error));
    }
  }
  return (
    <Dialog title="New account" onClose={onClose}>
      <form className="form" onSubmit={add}>
        <label>
          Name
          <input required maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        {trouble && <Trouble words={trouble} />}
        <div className="dialog-buttons">
          <button type="button" className="button" onClick={onClose}>
            Cancel
          </button>
          <button type="submit" className="button primary" disabled={!name.trim()}>
            Make account
          </button>
        </div>
      </form>
    </Dialog>
  );
}
