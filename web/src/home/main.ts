import '../shared/base.css';
import './home.css';

// The page says everything without this; only the word on the server's health is asked for.
async function sayHealth(): Promise<void> {
  const place = document.getElementById('health');
  if (!place) return;
  try {
    const answer = await fetch('/healthz', { cache: 'no-store' });
    place.textContent = answer.ok ? 'the server is well.' : 'the server is not well.';
  } catch {
    place.textContent = 'the server does not answer.';
  }
}

void sayHealth();
