import { type ReactNode, useEffect, useId, useRef } from 'react';
import { Icon } from './Icon';

interface Props {
  title: string;
  onClose: () => void;
  children: ReactNode;
}

/** A column beside the stage; on a phone it lies over it. Escape closes it and focus goes back. */
export function Panel({ title, onClose, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  const id = useId();
  useEffect(() => {
    const before = document.activeElement;
    heading.current?.focus();
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);
  return (
    <aside className="panel" aria-labelledby={id}>
      <header className="panel-head">
        <h2 id={id} ref={heading} tabIndex={-1}>
          {title}
        </h2>
        <button type="button" className="button quiet" onClick={onClose}>
          <Icon name="close" />
          <span className="hidden-words">{`Close ${title}`}</span>
        </button>
      </header>
      {children}
    </aside>
  );
}
