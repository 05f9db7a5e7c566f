// Elements, made and filled. Whatever comes from outside goes in as text.
import { t } from './words.js';

/** `el('td', {class: 'n'}, 'text', child)`; a key that begins with `on` is listened to. */
export function el(name, keys = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(keys)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value === true) made.setAttribute(key, '');
    else if (value !== false && value != null) made.setAttribute(key, value);
  }
  made.append(...children.filter((child) => child != null));
  return made;
}

export const by = (id) => document.getElementById(id);

export const card = (title, kind, ...children) =>
  el('div', { class: `card ${kind}` }, title ? el('h2', {}, title) : null, ...children);

export const button = (text, kind, act) => el('button', { type: 'button', class: kind, onclick: act }, text);

export const field = (text, input) => el('label', {}, text, input);

/** A table with these columns, `[title, class]`, and a way to fill it: cells are texts or elements. */
export function table(columns, caption) {
  const body = el('tbody');
  const head = columns.map(([title, kind]) => el('th', { class: kind, scope: 'col' }, title));
  const none = el('p', { class: 'none' }, t('none'));
  const grid = el('table', { 'aria-label': caption }, el('thead', {}, el('tr', {}, ...head)), body);
  const whole = el('div', { class: 'scroll' }, grid, none);
  // What is there already is kept: once a second nothing is made anew.
  const fill = (rows) => {
    grid.hidden = rows.length === 0;
    none.hidden = rows.length > 0;
    while (body.rows.length > rows.length) body.lastChild.remove();
    rows.forEach((cells, at) => {
      const row = body.rows[at] ?? body.appendChild(el('tr', {}, ...columns.map(([, kind]) => el('td', { class: kind }))));
      cells.forEach((cell, place) => put(row.cells[place], cell));
    });
  };
  fill([]);
  return { whole, fill };
}

/** Text or an element in the place of what is there. */
export function put(place, cell) {
  if (cell instanceof Node) place.replaceChildren(cell);
  else if (place.firstElementChild || place.textContent !== String(cell)) place.textContent = cell;
}

let silent;
export function say(text) {
  by('said').textContent = text;
  clearTimeout(silent);
  silent = setTimeout(() => { by('said').textContent = ''; }, 5000);
}

/** Whether the operator is sure. */
export function sure(text, yes) {
  const dialog = by('sure');
  by('sure-text').textContent = text;
  by('sure-yes').textContent = yes;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((tell) => {
    dialog.addEventListener('close', () => tell(dialog.returnValue === 'yes'), { once: true });
  });
}
