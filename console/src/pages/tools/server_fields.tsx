import { NativeSelect, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { me } from '#api/queries.ts';
import { secretNames } from '#api/tool_queries.ts';
import { CodeBlock } from '#components/code_block.tsx';
import { secretName, type ServerDraft } from '#lib/server_draft.ts';
import classes from './server_form.module.css';

interface Fields {
  draft: ServerDraft;
  onChange: (some: Partial<ServerDraft>) => void;
}

/** Where an MCP server answers over HTTP, and how it knows Preloop. */
export function HttpFields({ draft, onChange }: Fields) {
  const { data: who } = useQuery(me());
  const { data: secrets } = useQuery(secretNames(who?.permissions.includes('manage_secrets') === true));
  const secretList = useId();
  const name = secretName(draft.secret);
  // Few servers want headers of their own: the field is there for those that have some.
  const [hasHeaders] = useState(draft.headers !== '');
  return (
    <>
      <TextInput
        required
        type="url"
        label="Address"
        description="Of its MCP endpoint (streamable HTTP)."
        placeholder="https://mcp.example.com/mcp"
        value={draft.url}
        onChange={(event) => onChange({ url: event.currentTarget.value })}
      />
      <NativeSelect
        label="How it knows Preloop"
        value={draft.auth}
        onChange={(event) => onChange({ auth: event.currentTarget.value as ServerDraft['auth'] })}
        data={[
          { value: 'none', label: 'No credential' },
          { value: 'bearer', label: 'A token from the secret store' },
        ]}
      />
      {draft.auth === 'bearer' && (
        <div className={classes.part}>
          <TextInput
            required
            label="Name of the secret"
            description="The token itself is never part of the configuration, and nobody can read it back."
            placeholder="github"
            list={secretList}
            autoComplete="off"
            autoCapitalize="off"
            value={draft.secret}
            onChange={(event) => onChange({ secret: event.currentTarget.value })}
          />
          <datalist id={secretList}>
            {secrets?.map((one) => (
              <option key={one} value={one} />
            ))}
          </datalist>
          {secrets && name !== '' && !secrets.includes(name) && (
            <div className={classes.hint}>
              <p>There is no such secret yet. Set it under Settings, Secrets, or in a terminal:</p>
              <CodeBlock text={`preloop secrets set ${name}`} label="Copy the command" />
            </div>
          )}
        </div>
      )}
      {hasHeaders && (
        <Textarea
          label="Headers"
          description="Name: value, one a line; secret:NAME takes it from the secret store."
          autosize
          minRows={1}
          maxRows={6}
          classNames={{ input: classes.code ?? '' }}
          value={draft.headers}
          onChange={(event) => onChange({ headers: event.currentTarget.value })}
        />
      )}
    </>
  );
}

/** A command that Preloop runs itself. */
export function CommandFields({ draft, onChange }: Fields) {
  return (
    <>
      <p className={classes.note}>Preloop starts it as its own child: on its machine, with its rights. Add only what you trust.</p>
      <TextInput required label="Command" placeholder="npx" autoCapitalize="off" value={draft.command} onChange={(event) => onChange({ command: event.currentTarget.value })} />
      <Textarea label="Arguments" description="One a line." autosize minRows={2} maxRows={8} classNames={{ input: classes.code ?? '' }} value={draft.args} onChange={(event) => onChange({ args: event.currentTarget.value })} />
      <Textarea
        label="Environment"
        description="NAME=value, one a line; secret:NAME takes it from the secret store."
        autosize
        minRows={1}
        maxRows={6}
        classNames={{ input: classes.code ?? '' }}
        value={draft.env}
        onChange={(event) => onChange({ env: event.currentTarget.value })}
      />
    </>
  );
}
