import { NativeSelect } from '@mantine/core';
import { useState } from 'react';
import { CodeBlock } from '#components/code_block.tsx';
import { CopyOnce } from '#components/copy_once.tsx';
import { clientConfigs } from '#lib/client_config.ts';
import classes from './key_issued.module.css';

export interface Issued {
  agent: string;
  key: string;
}

/** An agent's new key, this once, and what its client needs. */
export function AgentKeyIssued({ issued, onClose }: { issued: Issued; onClose: () => void }) {
  const configs = clientConfigs(location.origin, issued.key);
  const [chosen, setChosen] = useState('claude-code');
  const config = configs.find(({ id }) => id === chosen);
  return (
    <CopyOnce title={`A key for ${issued.agent}`} secret={issued.key} onClose={onClose}>
      <NativeSelect
        label="Or all that a client needs"
        data={configs.map(({ id, name }) => ({ value: id, label: name }))}
        value={chosen}
        onChange={(event) => setChosen(event.currentTarget.value)}
      />
      {config && (
        <div className={classes.config}>
          <p className={classes.where}>{config.where}:</p>
          <CodeBlock text={config.text} label={`Copy for ${config.name}`} />
        </div>
      )}
    </CopyOnce>
  );
}
