/** What one fills in about an MCP server, as text; lists are one entry a line. */
export interface ServerDraft {
  transport: 'streamable_http' | 'stdio';
  name: string;
  url: string;
  auth: 'none' | 'bearer';
  /** Name of the secret, without `secret:`. */
  secret: string;
  headers: string;
  command: string;
  args: string;
  env: string;
  /** Seconds a call may take; empty: the server's default. */
  timeout: string;
}

/** As REST takes and shows it (contract: ServerConfig). */
export interface Config {
  name: string;
  transport: 'streamable_http' | 'stdio';
  url?: string;
  auth?: { type: 'none' | 'bearer'; token?: string };
  headers?: Record<string, string>;
  command?: string;
  args?: string[];
  env?: Record<string, string>;
  call_timeout?: number;
}

export const EMPTY_DRAFT: ServerDraft = { transport: 'streamable_http', name: '', url: '', auth: 'none', secret: '', headers: '', command: '', args: '', env: '', timeout: '' };

export function draftOf(config: Config): ServerDraft {
  return {
    transport: config.transport,
    name: config.name,
    url: config.url ?? '',
    auth: config.auth?.type ?? 'none',
    secret: secretName(config.auth?.token ?? ''),
    headers: linesOf(config.headers, ': '),
    command: config.command ?? '',
    args: (config.args ?? []).join('\n'),
    env: linesOf(config.env, '='),
    timeout: config.call_timeout === undefined ? '' : String(config.call_timeout),
  };
}

/** Only what belongs to its transport; `configOf(draftOf(config))` is the same configuration. */
export function configOf(draft: ServerDraft): Config {
  const config: Config = { name: draft.name.trim(), transport: draft.transport };
  if (draft.transport === 'stdio') {
    config.command = draft.command.trim();
    config.args = draft.args.split('\n').filter((line) => line !== '');
    config.env = pairsOf(draft.env, '=');
  } else {
    config.url = draft.url.trim();
    if (draft.auth === 'bearer') config.auth = { type: 'bearer', token: `secret:${secretName(draft.secret)}` };
    const headers = pairsOf(draft.headers, ':');
    if (Object.keys(headers).length > 0) config.headers = headers;
  }
  if (draft.timeout.trim() !== '') config.call_timeout = Number(draft.timeout);
  return config;
}

export function secretName(text: string): string {
  return text.trim().replace(/^secret:/, '');
}

function linesOf(pairs: Record<string, string> | undefined, between: string): string {
  return Object.entries(pairs ?? {})
    .map(([name, value]) => `${name}${between}${value}`)
    .join('\n');
}

/** A line without the separator is a name without a value: the server says what is wrong with it. */
function pairsOf(text: string, separator: string): Record<string, string> {
  const pairs: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const at = line.indexOf(separator);
    const name = (at < 0 ? line : line.slice(0, at)).trim();
    const value = at < 0 ? '' : line.slice(at + 1);
    pairs[name] = separator === ':' ? value.trim() : value;
  }
  return pairs;
}
