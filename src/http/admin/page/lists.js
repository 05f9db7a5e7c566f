// Bans, the word list, the audit, and the server's end.
import { drop, get, post } from './api.js';
import { button, by, card, el, field, say, sure, table } from './dom.js';
import { when } from './form.js';
import { banTable } from './users.js';
import { t } from './words.js';

let bans, all, words, talk, audit, deeds = [];

const failed = (error) => say(error.message);

export function build() {
  bans = banTable(async (ban) => {
    try {
      await drop(`bans/${ban.id}`);
      say(t('unbanned', ban.user_id ?? ban.tel));
      await loadBans();
    } catch (error) { failed(error); }
  });
  all = el('input', { type: 'checkbox', onchange: () => loadBans().catch(failed) });
  by('bans').append(card('', 'row', el('label', { class: 'box' }, all, t('past_too'))), card(t('bans'), '', bans.whole));
  buildWords();
  audit = table([[t('time'), 'w'], [t('who'), ''], [t('address'), ''], [t('action'), ''], [t('about'), ''], [t('detail'), ''], [t('result'), '']], t('audit'));
  const more = button(t('more'), '', () => page(deeds.at(-1)?.id).catch(failed));
  by('audit').append(card(t('audit'), '', audit.whole, el('div', { class: 'row gap' }, more)));
  by('server').append(card(t('drain'), '', el('p', {}, t('about_drain')), el('button', { type: 'button', id: 'drain', class: 'danger', onclick: drain }, t('drain'))));
}

export async function loadBans() {
  bans.fill((await get(`bans${all.checked ? '?all=1' : ''}`)).bans);
}

function buildWords() {
  const word = el('input', { required: true, id: 'word' });
  const action = el('select', {}, ...['mask', 'refuse', 'flag'].map((key) => el('option', { value: key }, t(key))));
  const add = async (event) => {
    event.preventDefault();
    try {
      await post('words', { word: word.value, action: action.value });
      word.value = '';
      await loadWords();
    } catch (error) { failed(error); }
  };
  words = table([[t('word'), ''], [t('action'), ''], ['', 'n']], t('words'));
  talk = el('p', { class: 'soft' });
  by('words').append(card('', '', el('form', { class: 'row', onsubmit: add }, field(t('word'), word), field(t('action'), action),
    el('button', { class: 'main' }, t('add')))), card(t('words'), '', talk, words.whole));
}

export async function loadWords() {
  const reply = await get('words');
  talk.textContent = t(reply.filter_talk ? 'talk_too' : 'talk_not');
  words.fill(reply.words.map(({ word, action }) => [word, t(action), button(t('remove'), '', async () => {
    try {
      await drop('words', { word });
      await loadWords();
    } catch (error) { failed(error); }
  })]));
}

export async function loadAudit() {
  deeds = [];
  await page();
}

async function page(before) {
  const reply = await get(`audit?limit=50${before ? `&before=${before}` : ''}`);
  deeds.push(...reply.audit);
  audit.fill(deeds.map((one) => [when(one.time_at), one.who, one.address, one.action, one.about, one.detail, one.result]));
}

async function drain() {
  if (!await sure(t('sure_drain'), t('drain'))) return;
  try {
    await post('drain');
    say(t('draining'));
  } catch (error) { failed(error); }
}
