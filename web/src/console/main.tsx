import { createRoot } from 'react-dom/client';
import '../shared/base.css';
import './console.css';
import './parts.css';
import './drawing.css';
import { App } from './App';
import { lookAround } from './routes';
import { Safely } from './Safely';

lookAround();
window.addEventListener('popstate', lookAround);
const page = document.getElementById('page');
if (page)
  createRoot(page).render(
    <Safely>
      <App />
    </Safely>,
  );
