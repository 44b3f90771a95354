import { ActionIcon, CopyButton, Tooltip } from '@mantine/core';
import classes from './code_block.module.css';
import { Check, Copy } from './icons.tsx';
import { SafeText } from './safe_text.tsx';

/** Something to copy or to read exactly: a command, a rule, YAML. */
export function CodeBlock({ text, label = 'Copy' }: { text: string; label?: string }) {
  return (
    <div className={classes.block}>
      <pre className={classes.code} tabIndex={0} aria-label="Code">
        <SafeText text={text} lines />
      </pre>
      <div className={classes.copy}>
        <CopyIcon value={text} label={label} />
      </div>
    </div>
  );
}

export function CopyIcon({ value, label }: { value: string; label: string }) {
  return (
    <CopyButton value={value} timeout={2000}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon variant="subtle" color="gray" aria-label={copied ? 'Copied' : label} onClick={copy}>
            {copied ? <Check size={16} /> : <Copy size={16} />}
          </ActionIcon>
        </Tooltip>
      )}
    </CopyButton>
  );
}
