import { expect, it } from 'vitest';
import { isShortcutPress } from './keys';

const plain = { ctrlKey: false, metaKey: false, altKey: false, repeat: false, target: { tagName: 'BODY' } };

it('leaves typing and the browser’s own shortcuts alone', () => {
  expect(isShortcutPress(plain)).toBe(true);
  expect(isShortcutPress({ ...plain, target: null })).toBe(true);
  expect(isShortcutPress({ ...plain, target: { tagName: 'TEXTAREA' } })).toBe(false);
  expect(isShortcutPress({ ...plain, target: { tagName: 'DIV', isContentEditable: true } })).toBe(false);
  expect(isShortcutPress({ ...plain, ctrlKey: true })).toBe(false);
  expect(isShortcutPress({ ...plain, repeat: true })).toBe(false);
});
