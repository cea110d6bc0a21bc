import { createRoot } from 'react-dom/client';
import '../shared/base.css';
import './meeting.css';
import { setLogLevel } from 'livekit-client';
import { App } from './App';
import type { MeetingLink } from './link';
import { Safely } from './Safely';

export function start(link: MeetingLink | null): void {
  // Its info lines would put room and device names into consoles that people paste into reports.
  setLogLevel('warn');
  const page = document.getElementById('page');
  if (page)
    createRoot(page).render(
      <Safely>
        <App link={link} />
      </Safely>,
    );
}
