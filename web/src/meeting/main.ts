// First of all the token leaves the address bar; only then is the rest of the page fetched.
import { takeLink } from './link';

const link = takeLink(
  window.location.href,
  (clean) => window.history.replaceState(null, '', clean),
  () => window.sessionStorage,
);

import('./start').then(({ start }) => start(link));
