import type { Server } from '#api/tool_queries.ts';

export interface Advice {
  /** The server's own words. */
  reason: string;
  todo: string;
  command?: string;
}

/** Why a server is down, and what to do about it. */
export function adviceFor(server: Server): Advice {
  const reason = server.last_error || 'It does not answer.';
  const secret = /^secret:(.+)$/.exec(server.config.auth?.token ?? '')?.[1];
  const again = 'Preloop tries again by itself with growing pauses; Scan now tries at once.';
  if (/\b(401|403)\b|unauthori[sz]ed|forbidden/i.test(reason)) {
    return {
      reason,
      todo: secret ? `It does not accept the credential. Set the secret again, then scan.` : 'It wants a credential. Put one into the secret store, and name it under Change.',
      command: `preloop secrets set ${secret ?? server.name}`,
    };
  }
  if (/secret/i.test(reason)) {
    return { reason, todo: 'The secret it refers to is missing. Set it, then scan.', command: `preloop secrets set ${secret ?? server.name}` };
  }
  if (server.transport === 'stdio') {
    return {
      reason,
      todo: `Run its command by hand on Preloop’s machine, as the user that Preloop runs as, and see what it says. ${again}`,
      command: [server.config.command ?? '', ...(server.config.args ?? [])].join(' '),
    };
  }
  if (/refused|reach|resolve|timed? ?out|connect|closed|no route/i.test(reason)) {
    return { reason, todo: `Is it running, and is its address right as seen from Preloop’s machine? ${again}` };
  }
  if (/tls|certificate|ssl/i.test(reason)) {
    return { reason, todo: 'Its certificate is not accepted. Preloop trusts what its machine trusts.' };
  }
  return { reason, todo: again };
}
