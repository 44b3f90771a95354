// The plain page: set-up links, signing in, confirming a terminal, deciding on what waits.
// Everything that comes from elsewhere is put in as text, never as markup.
'use strict';

const view = document.getElementById('view');
const message = document.getElementById('message');
const sessionName = 'preloop-session';

function make(tag, text, attributes = {}) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
function say(text) { message.textContent = text; }
function show(...elements) { view.replaceChildren(...elements); }

/** Calls the API with both halves of the session; throws an Error with the server's own words. */
async function api(method, path, body) {
  const headers = { Accept: 'application/json' };
  const session = localStorage.getItem(sessionName);
  if (session) headers['X-Preloop-Session'] = session;
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  const response = await fetch('/api/v1' + path, {
    method, headers, credentials: 'same-origin',
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await response.text();
  const value = text ? JSON.parse(text) : {};
  if (!response.ok) {
    const error = new Error(value.detail || value.title || 'The server answered ' + response.status);
    error.status = response.status;
    throw error;
  }
  return value;
}

/** A form of labelled fields; `submit` gets their values and may throw. */
function form(fields, button, submit) {
  const element = make('form');
  for (const field of fields) {
    const label = make('label', field.label);
    label.append(make('input', undefined, { name: field.name, type: field.type || 'text', autocomplete: field.autocomplete || 'off', required: '' }));
    element.append(label);
  }
  element.append(make('button', button, { type: 'submit' }));
  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    const send = element.querySelector('button');
    send.disabled = true;
    say('');
    try {
      await submit(Object.fromEntries(new FormData(element)));
    } catch (error) {
      say(error.message);
    } finally {
      send.disabled = false;
    }
  });
  return element;
}

function keepSession(started) {
  localStorage.setItem(sessionName, started.session_token);
  history.replaceState(null, '', '/');
}

async function linkPage(token) {
  const link = await api('POST', '/auth/link', { token });
  const fields = [];
  if (!link.email) {
    fields.push({ name: 'email', label: 'Your e-mail address', type: 'email', autocomplete: 'username' },
                { name: 'display_name', label: 'Your name', autocomplete: 'name' });
  }
  fields.push({ name: 'password', label: 'A password (12 characters or more)', type: 'password', autocomplete: 'new-password' });
  const title = link.purpose === 'reset' ? 'Set a new password' : link.email ? 'Welcome' : 'Become the owner';
  show(make('h2', title),
       make('p', link.email ? 'For ' + link.email + '.' : 'The owner decides on calls, sets the rules and invites others.'),
       form(fields, title, async (values) => {
         keepSession(await api('POST', '/auth/' + link.purpose, { token, ...values }));
         say('Done: you are signed in.');
         await home();
       }));
}

function signInPage(then) {
  show(make('h2', 'Sign in'),
       form([{ name: 'email', label: 'E-mail address', type: 'email', autocomplete: 'username' },
             { name: 'password', label: 'Password', type: 'password', autocomplete: 'current-password' }],
            'Sign in', async (values) => {
              localStorage.setItem(sessionName, (await api('POST', '/auth/sign-in', values)).session_token);
              await then();
            }));
}

async function loginPage() {
  const given = new URLSearchParams(location.hash.slice(1)).get('code') || new URLSearchParams(location.search).get('code');
  const ask = async (code) => {
    const waiting = await api('POST', '/auth/login/lookup', { code });
    const decide = (decision) => async () => {
      try {
        await api('POST', '/auth/login/confirm', { code, decision });
        say(decision === 'confirmed' ? 'The terminal is signed in.' : 'The terminal was refused.');
        await home();
      } catch (error) { say(error.message); }
    };
    const yes = make('button', 'Confirm'), no = make('button', 'Deny');
    yes.addEventListener('click', decide('confirmed'));
    no.addEventListener('click', decide('denied'));
    show(make('h2', 'A terminal asks to sign in as you'),
         make('p', 'Code ' + code + ', from ' + waiting.address + ' (' + waiting.client + '). It may then: ' + waiting.scopes.join(', ') + '.'),
         make('p', 'Confirm only if you started it yourself and the code is the same.'), yes, no);
  };
  if (given) return ask(given);
  show(make('h2', 'Confirm a terminal'),
       form([{ name: 'code', label: 'The code it shows' }], 'Continue', (values) => ask(values.code.trim())));
}

function requestCard(request) {
  const card = make('article');
  const comment = make('input', undefined, { 'aria-label': 'Comment', placeholder: 'Comment (the agent reads it when you decline)' });
  const act = (verb) => async () => {
    try {
      const after = await api('POST', '/approval-requests/' + encodeURIComponent(request.id) + '/' + verb, { comment: comment.value });
      say(request.tool + ' is ' + after.status + '.');
      await home();
    } catch (error) { say(error.message); }
  };
  card.append(make('h2', request.agent + ' wants to call ' + request.tool + ' on ' + request.server),
              make('p', request.message || ''),
              make('pre', JSON.stringify(request.arguments, null, 2)));
  for (const change of request.definition_changes || []) card.append(make('p', change));
  if (request.status === 'pending') {
    const yes = make('button', 'Approve'), no = make('button', 'Decline');
    yes.addEventListener('click', act('approve'));
    no.addEventListener('click', act('decline'));
    card.append(make('p', 'Until ' + new Date(request.expires_at).toLocaleTimeString() + ', by ' + request.approvers + '.'), comment, yes, no);
  } else {
    card.append(make('p', 'This request is ' + request.status + '.'));
  }
  return card;
}

async function approvalPage(id) {
  show(requestCard(await api('GET', '/approval-requests/' + encodeURIComponent(id))));
}

async function home() {
  const me = await api('GET', '/auth/me');
  const waiting = await api('GET', '/approval-requests?status=pending');
  const refresh = make('button', 'Look again'), out = make('button', 'Sign out');
  refresh.addEventListener('click', () => start());
  out.addEventListener('click', async () => {
    try { await api('POST', '/auth/sign-out', {}); } catch (error) { say(error.message); }
    localStorage.removeItem(sessionName);
    start();
  });
  show(make('p', 'Signed in as ' + me.person.email + ' (' + me.role + ').'),
       make('h2', waiting.items.length ? 'Waiting for a decision' : 'Nothing waits for a decision'),
       ...waiting.items.map(requestCard),
       make('h2', 'What to do next'),
       make('pre', 'preloop login\npreloop tools list\npreloop approvals watch\npreloop policy export'),
       refresh, out);
}

async function start() {
  try {
    const token = new URLSearchParams(location.hash.slice(1)).get('token');
    if ((location.pathname === '/setup' || location.pathname === '/reset') && token) return await linkPage(token);
    const page = location.pathname === '/login' ? loginPage
      : location.pathname.startsWith('/approval/') ? () => approvalPage(decodeURIComponent(location.pathname.slice(10))) : home;
    if (!localStorage.getItem(sessionName)) return signInPage(page);
    await page();
  } catch (error) {
    if (error.status === 401) {
      localStorage.removeItem(sessionName);
      signInPage(start);
    } else {
      say(error.message);
    }
  }
}

start();
