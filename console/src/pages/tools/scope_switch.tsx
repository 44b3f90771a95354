import { NativeSelect, SegmentedControl } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { agents, keys } from '#api/access_queries.ts';
import type { Caller } from '#api/tool_queries.ts';
import { callerText } from './caller.ts';
import classes from './scope_switch.module.css';

/** Whose rules one looks at and changes: everybody's, or what one agent or key is held to besides. */
export function ScopeSwitch({ caller, onChoose }: { caller: Caller; onChoose: (caller: string | undefined) => void }) {
  const { data: knownAgents } = useQuery(agents());
  const { data: knownKeys } = useQuery(keys());
  const names = {
    agent: (knownAgents ?? []).map(({ name }) => name),
    // A name may be used again after its key was revoked.
    key: [...new Set((knownKeys ?? []).filter((key) => key.class === 'agent' && !key.revoked_at).map(({ name }) => name))],
  };
  const chosen = caller.scope === 'account' ? undefined : caller.name;
  const offered = caller.scope === 'account' ? [] : [...new Set([...names[caller.scope], caller.name])];
  const turn = (scope: Caller['scope']) => {
    const first = scope === 'account' ? undefined : names[scope][0];
    if (scope === 'account') onChoose(undefined);
    else if (first !== undefined) onChoose(callerText({ scope, name: first }));
  };
  return (
    <div className={classes.scope} role="group" aria-label="Whose rules">
      <SegmentedControl
        aria-label="Scope"
        value={caller.scope}
        onChange={(scope) => turn(scope as Caller['scope'])}
        data={[
          { value: 'account', label: 'Everybody' },
          { value: 'agent', label: 'An agent', disabled: names.agent.length === 0 && caller.scope !== 'agent' },
          { value: 'key', label: 'A key', disabled: names.key.length === 0 && caller.scope !== 'key' },
        ]}
      />
      {caller.scope !== 'account' && (
        <NativeSelect
          aria-label={caller.scope === 'agent' ? 'Which agent' : 'Which key'}
          className={classes.which ?? ''}
          value={chosen ?? ''}
          onChange={(event) => onChoose(callerText({ scope: caller.scope, name: event.currentTarget.value } as Caller))}
          data={offered}
        />
      )}
    </div>
  );
}
