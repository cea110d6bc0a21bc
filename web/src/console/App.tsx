import { useEffect, useState } from 'react';
import { useStore } from '../shared/store';
import { AccountsPage } from './Accounts';
import { lookWhoIsThere, visitor, wordsOf } from './api';
import { KeysPage } from './Keys';
import { NowPage } from './Now';
import { Empty, Head, Trouble } from './parts';
import { RoomPage } from './Room';
import { RoomsPage } from './Rooms';
import { type Place, where } from './routes';
import { ServerPage } from './Server';
import { SessionPage } from './Session';
import { SessionsPage } from './Sessions';
import { Shell } from './Shell';
import { SignIn } from './SignIn';
import type { Me } from './types';
import { WebhooksPage } from './Webhooks';

export function App() {
  const { me, over } = useStore(visitor);
  const { place, account } = useStore(where);
  const [trouble, setTrouble] = useState<string | null>(null);

  async function look(): Promise<void> {
    setTrouble(null);
    await lookWhoIsThere().catch((error: unknown) => setTrouble(wordsOf(error)));
  }
  // biome-ignore lint/correctness/useExhaustiveDependencies: once
  useEffect(() => {
    void look();
  }, []);

  if (trouble)
    return (
      <main className="sign-in">
        <Trouble words={trouble} again={look} />
      </main>
    );
  if (me === undefined)
    return (
      <p className="waiting" role="status">
        Opening the console…
      </p>
    );
  if (me === null) return <SignIn over={over} />;
  return (
    <Shell me={me} place={place} account={account}>
      <Page key={keyOf(place, account)} me={me} place={place} account={account} />
    </Shell>
  );
}

function keyOf(place: Place, account: string | null): string {
  return `${place.at} ${'id' in place ? place.id : ''} ${account ?? ''}`;
}

function Page({ me, place, account }: { me: Me; place: Place; account: string | null }) {
  switch (place.at) {
    case 'now':
      return <NowPage me={me} account={account} />;
    case 'rooms':
      return <RoomsPage account={account} />;
    case 'room':
      return <RoomPage id={place.id} account={account} />;
    case 'sessions':
      return <SessionsPage account={account} />;
    case 'session':
      return <SessionPage id={place.id} account={account} />;
    case 'webhooks':
      return <WebhooksPage account={account} />;
    case 'keys':
      return <KeysPage me={me} account={account} />;
    case 'accounts':
      return me.operator ? <AccountsPage /> : <Nowhere />;
    case 'server':
      return me.operator ? <ServerPage /> : <Nowhere />;
    case 'nowhere':
      return <Nowhere />;
  }
}

function Nowhere() {
  return (
    <>
      <Head title="Nothing here" />
      <Empty title="This address leads nowhere in the console." />
    </>
  );
}
