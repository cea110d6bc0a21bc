import { useEffect, useRef } from 'react';

/** Single keys act only while nobody is typing and no modifier is held. */
export function isShortcutPress(event: {
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  repeat: boolean;
  target: { tagName?: string; isContentEditable?: boolean } | null;
}): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return false;
  const { tagName, isContentEditable } = event.target ?? {};
  return !isContentEditable && !['INPUT', 'TEXTAREA', 'SELECT'].includes(tagName ?? '');
}

export function useShortcuts(on: boolean, actions: Record<string, (() => void) | undefined>): void {
  const current = useRef(actions);
  current.current = actions;
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      const isEscape = event.key === 'Escape';
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (!isEscape && !(on && isShortcutPress({ ...modifiers(event), target }))) return;
      const action = current.current[event.key.toLowerCase()];
      if (!action) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [on]);
}

function modifiers({ ctrlKey, metaKey, altKey, repeat }: KeyboardEvent) {
  return { ctrlKey, metaKey, altKey, repeat };
}
