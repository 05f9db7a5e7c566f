// Requests to the server, from the log-in that this page has.
import { language } from './words.js';

let csrf = '';
let left = () => {};

/** What to do when the log-in counts no more. */
export const whenOut = (act) => { left = act; };

/** The reply, or an error that says why in the operator's language. */
export async function ask(method, path, body) {
  const headers = { 'Accept-Language': language };
  if (method !== 'GET') headers['X-CSRF-Token'] = csrf;
  const text = body === undefined ? undefined : JSON.stringify(body);
  const response = await fetch(path, { method, headers, body: text, cache: 'no-store' });
  const reply = await response.json();
  if (reply.csrf) csrf = reply.csrf;
  if (response.status === 401 && path !== 'login') left();
  if (reply.success) return reply;
  const key = reply.key ? ` (${reply.key})` : '';
  const until = response.headers.get('Retry-After');
  throw new Error(`${reply.error_msg || reply.err_msg}${key}${until ? ` (${until} s)` : ''}`);
}

export const get = (path) => ask('GET', path);
export const post = (path, body) => ask('POST', path, body);
export const drop = (path, body) => ask('DELETE', path, body);
export const part = encodeURIComponent;
