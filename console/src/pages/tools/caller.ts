import { EVERYBODY, type Caller } from '#api/tool_queries.ts';

/** As part of an address: nothing for everybody, `agent:ci`, `key:nightly`. */
export function callerText(caller: Caller): string | undefined {
  return caller.scope === 'account' ? undefined : `${caller.scope}:${caller.name}`;
}

/** `agentOf` tells whose key it is: an agent's rules hold its keys, too. */
export function readCaller(text: string | undefined, agentOf: (key: string) => string | undefined): Caller {
  const found = /^(agent|key):(.+)$/s.exec(text ?? '');
  const name = found?.[2] ?? '';
  if (found?.[1] === 'agent') return { scope: 'agent', name };
  if (found?.[1] !== 'key') return EVERYBODY;
  const agent = agentOf(name);
  return { scope: 'key', name, ...(agent === undefined ? {} : { agent }) };
}

/** "everybody", "the agent ci", "the key nightly". */
export function callerWords(caller: Caller): string {
  return caller.scope === 'account' ? 'everybody' : `the ${caller.scope} ${caller.name}`;
}
