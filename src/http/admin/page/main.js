// The page: in, out, and from one part to another.
import { get, post, whenOut } from './api.js';
import { by, say } from './dom.js';
import * as draws from './draws.js';
import * as lists from './lists.js';
import * as live from './live.js';
import * as reports from './reports.js';
import * as users from './users.js';
import { language, switchLanguage, t } from './words.js';

const PARTS = {
  live: () => {}, users: users.load, reports: reports.load, bans: lists.loadBans,
  draws: draws.load, words: lists.loadWords, audit: lists.loadAudit, server: () => {},
};
const PEEK_EVERY = 30_000;
let peeking;

function go() {
  if (by('desk').hidden) return;
  const name = location.hash.slice(1) in PARTS ? location.hash.slice(1) : 'live';
  for (const part of Object.keys(PARTS)) {
    by(part).hidden = part !== name;
    const link = document.querySelector(`nav a[href="#${part}"]`);
    if (part === name) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
  scrollTo(0, 0);
  Promise.resolve(PARTS[name]()).catch((error) => say(error.message));
}

function enter(session) {
  by('login').hidden = true;
  by('desk').hidden = false;
  by('who').textContent = session.who;
  live.listen(() => get('session').catch(() => {}));
  const peek = () => { if (!document.hidden) reports.peek().catch(() => {}); };
  clearInterval(peeking);
  peeking = setInterval(peek, PEEK_EVERY);
  peek();
  go();
}

function leave() {
  live.hush();
  clearInterval(peeking);
  by('desk').hidden = true;
  by('login').hidden = false;
  by('token').focus();
}

async function logIn(event) {
  event.preventDefault();
  by('login-error').textContent = '';
  const token = by('token').value;
  by('token').value = '';
  try {
    enter(await post('login', { token }));
  } catch (error) {
    by('login-error').textContent = error.message;
    by('token').focus();
  }
}

document.documentElement.lang = language;
document.querySelectorAll('[data-t]').forEach((place) => { place.textContent = t(place.dataset.t); });
document.querySelectorAll('[data-l]').forEach((place) => place.setAttribute('aria-label', t(place.dataset.l)));
document.querySelectorAll('[data-language]').forEach((place) => {
  place.textContent = t('other_language');
  place.addEventListener('click', switchLanguage);
});
for (const part of [live, users, reports, draws, lists]) part.build();
whenOut(leave);
by('login').addEventListener('submit', logIn);
by('logout').addEventListener('click', () => post('logout').then(leave, (error) => say(error.message)));
addEventListener('hashchange', go);
get('session').then(enter, leave);
