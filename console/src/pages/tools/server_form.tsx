import { Button, Modal, PasswordInput, SegmentedControl, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type SyntheticEvent } from 'react';
import { api, body } from '#api/client.ts';
import { isApiError } from '#api/problem.ts';
import { me, servers } from '#api/queries.ts';
import type { Server, ServerConfig } from '#api/tool_queries.ts';
import { CodeBlock } from '#components/code_block.tsx';
import { DialogActions } from '#components/dialog_actions.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { toast } from '#components/toasts.tsx';
import { configOf, draftOf, EMPTY_DRAFT, type ServerDraft } from '#lib/server_draft.ts';
import { CommandFields, HttpFields } from './server_fields.tsx';
import classes from './server_form.module.css';

/** Puts an MCP server behind the firewall, or changes how one is reached. */
export function ServerForm({ server, onClose, onDone }: { server?: Server; onClose: () => void; onDone: (server: Server) => void }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const isPhone = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  // What the form was opened with: events must not change it under one's hands.
  const [base, setBase] = useState(server);
  const [draft, setDraft] = useState<ServerDraft>(server ? draftOf(server.config) : EMPTY_DRAFT);
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const change = (some: Partial<ServerDraft>) => setDraft((before) => ({ ...before, ...some }));
  const isStdio = draft.transport === 'stdio';
  // A command runs with the server's rights: only the owner, with a password entered just now.
  const isOwner = who?.role === 'owner';
  const isCommand = isStdio || base?.transport === 'stdio';
  const asksPassword = isCommand && isOwner && !who.permissions.includes('register_command');
  const action = base ? 'Save' : 'Add server';

  const save = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      if (asksPassword) {
        await body(api.POST('/auth/reauthenticate', { body: { password } }));
        void client.invalidateQueries({ queryKey: ['me'] });
      }
      const after = await send(base, configOf(draft));
      await client.invalidateQueries({ queryKey: ['servers'] });
      void client.invalidateQueries({ queryKey: ['tools'] });
      toast(base ? `Changed ${after.name}` : `Added ${after.name}`);
      onDone(after);
    } catch (problem) {
      // Behind the form one sees it as it is now; saving again is a decision about that.
      if (base && isApiError(problem, 412)) {
        const now = await client.fetchQuery({ ...servers(), staleTime: 0 }).catch(() => undefined);
        setBase(now?.find(({ id }) => id === base.id) ?? base);
      }
      setError(problem);
      setBusy(false);
    }
  };

  return (
    <Modal opened size={600} fullScreen={isPhone} title={base ? `Change ${base.name}` : 'Add a server'} onClose={onClose} closeOnClickOutside={false}>
      <form className={classes.form} onSubmit={(event) => void save(event)}>
        <SegmentedControl
          fullWidth
          aria-label="How it is reached"
          value={draft.transport}
          onChange={(value) => change({ transport: value as ServerDraft['transport'] })}
          data={[
            { value: 'streamable_http', label: 'Over HTTP' },
            { value: 'stdio', label: 'A command here' },
          ]}
        />
        <TextInput
          data-autofocus
          required
          label="Name"
          description="Agents see its tools as NAME__tool. Lower case, no spaces."
          placeholder="github"
          autoCapitalize="off"
          value={draft.name}
          onChange={(event) => change({ name: event.currentTarget.value })}
        />
        {base && draft.name.trim() !== base.name && (
          <div className={classes.hint} role="status">
            <p>
              Agents that know <b>{base.name}__…</b> find its tools under the new name only, and rules that name <b>{base.name}</b> do not apply to it any more.
            </p>
          </div>
        )}
        {!isStdio && <HttpFields draft={draft} onChange={change} />}
        {isCommand && !isOwner && (
          <div className={classes.hint}>
            <p>
              <b>Only the owner may {base ? 'change' : 'add'} a command.</b> It runs on Preloop’s machine with Preloop’s rights. Ask the owner, or run the server yourself over HTTP and add its address.
            </p>
          </div>
        )}
        {isStdio && isOwner && <CommandFields draft={draft} onChange={change} />}
        {base && (
          <TextInput
            label="Longest call"
            description="Seconds until a call is given up; its outcome is then unknown."
            inputMode="numeric"
            pattern="[0-9]*"
            value={draft.timeout}
            onChange={(event) => change({ timeout: event.currentTarget.value })}
          />
        )}
        {asksPassword && (
          <PasswordInput required label="Your password" description="Asked again for a command, good for five minutes." autoComplete="current-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
        )}
        {error !== undefined &&
          (base && isApiError(error, 412) ? (
            <div className={classes.hint} role="alert">
              <p>
                <b>Somebody else changed this server meanwhile.</b> What you wrote is kept here; behind this form you see it as it is now. Save again to put yours in its place.
              </p>
            </div>
          ) : (
            <ErrorPanel error={error} />
          ))}
        {error !== undefined && isStdio && isApiError(error, 403) && (
          <div className={classes.hint}>
            <p>
              A server that listens beyond its own machine takes no commands over the network. Whoever runs Preloop can permit it where it is started:
            </p>
            <CodeBlock text="preloop serve --allow-stdio" label="Copy the command" />
            <p>Or run the MCP server over HTTP and add its address:</p>
            <CodeBlock text={`preloop servers add ${draft.name.trim() || 'NAME'} --url http://127.0.0.1:PORT/mcp`} label="Copy the command" />
          </div>
        )}
        <DialogActions>
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} disabled={isCommand && !isOwner}>
            {action}
          </Button>
        </DialogActions>
      </form>
    </Modal>
  );
}

async function send(base: Server | undefined, config: ServerConfig): Promise<Server> {
  if (!base) return await body(api.POST('/mcp-servers', { body: config }));
  const params = { path: { id: base.id }, header: { 'If-Match': `"${base.revision}"` } };
  return await body(api.PUT('/mcp-servers/{id}', { params, body: config }));
}
