import { Button, Group, Modal, NativeSelect, PasswordInput, SegmentedControl, Textarea, TextInput } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useId, useState, type SyntheticEvent } from 'react';
import { api, body } from '#api/client.ts';
import { isApiError } from '#api/problem.ts';
import { me } from '#api/queries.ts';
import { secretNames, type Server, type ServerConfig } from '#api/tool_queries.ts';
import { CodeBlock } from '#components/code_block.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './server_form.module.css';

type Transport = ServerConfig['transport'];

/** Puts an MCP server behind the firewall. */
export function ServerForm({ onClose, onAdded }: { onClose: () => void; onAdded: (server: Server) => void }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const { data: secrets } = useQuery(secretNames(who?.permissions.includes('manage_secrets') === true));
  const isPhone = useMediaQuery('(max-width: 767px)', false, { getInitialValueInEffect: false });
  const secretList = useId();
  const [transport, setTransport] = useState<Transport>('streamable_http');
  const [name, setName] = useState('');
  const [url, setUrl] = useState('');
  const [auth, setAuth] = useState<'none' | 'bearer'>('none');
  const [secret, setSecret] = useState('');
  const [command, setCommand] = useState('');
  const [args, setArgs] = useState('');
  const [env, setEnv] = useState('');
  const [password, setPassword] = useState('');
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const isStdio = transport === 'stdio';
  // A command runs with the server's rights: only the owner, with a password entered just now.
  const isOwner = who?.role === 'owner';
  const asksPassword = isStdio && isOwner && !who.permissions.includes('register_command');

  const config = (): ServerConfig =>
    isStdio
      ? {
          name: name.trim(),
          transport,
          command: command.trim(),
          args: args.split('\n').filter((line) => line !== ''),
          env: Object.fromEntries(
            env
              .split('\n')
              .filter((line) => line.includes('='))
              .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1)]),
          ),
        }
      : {
          name: name.trim(),
          transport,
          url: url.trim(),
          ...(auth === 'bearer' ? { auth: { type: 'bearer' as const, token: `secret:${secret.trim().replace(/^secret:/, '')}` } } : {}),
        };

  const add = async (event: SyntheticEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      if (asksPassword) {
        await body(api.POST('/auth/reauthenticate', { body: { password } }));
        void client.invalidateQueries({ queryKey: ['me'] });
      }
      const server = await body(api.POST('/mcp-servers', { body: config() }));
      await client.invalidateQueries({ queryKey: ['servers'] });
      toast(`Added ${server.name}`);
      onAdded(server);
    } catch (problem) {
      setError(problem);
      setBusy(false);
    }
  };

  return (
    <Modal opened size={600} fullScreen={isPhone} title="Add a server" onClose={onClose} closeOnClickOutside={false}>
      <form className={classes.form} onSubmit={(event) => void add(event)}>
        <SegmentedControl
          fullWidth
          aria-label="How it is reached"
          value={transport}
          onChange={(value) => setTransport(value as Transport)}
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
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        {!isStdio && (
          <>
            <TextInput required type="url" label="Address" description="Of its MCP endpoint (streamable HTTP)." placeholder="https://mcp.example.com/mcp" value={url} onChange={(event) => setUrl(event.currentTarget.value)} />
            <NativeSelect
              label="How it knows Preloop"
              value={auth}
              onChange={(event) => setAuth(event.currentTarget.value as 'none' | 'bearer')}
              data={[
                { value: 'none', label: 'No credential' },
                { value: 'bearer', label: 'A token from the secret store' },
              ]}
            />
            {auth === 'bearer' && (
              <div className={classes.part}>
                <TextInput
                  required
                  label="Name of the secret"
                  description="The token itself is never part of the configuration, and nobody can read it back."
                  placeholder="github"
                  list={secretList}
                  autoComplete="off"
                  autoCapitalize="off"
                  value={secret}
                  onChange={(event) => setSecret(event.currentTarget.value)}
                />
                <datalist id={secretList}>
                  {secrets?.map((one) => (
                    <option key={one} value={one} />
                  ))}
                </datalist>
                {secrets && secret.trim() !== '' && !secrets.includes(secret.trim().replace(/^secret:/, '')) && (
                  <div className={classes.hint}>
                    <p>There is no such secret yet. Set it in a terminal:</p>
                    <CodeBlock text={`preloop secrets set ${secret.trim().replace(/^secret:/, '')}`} label="Copy the command" />
                  </div>
                )}
              </div>
            )}
          </>
        )}
        {isStdio && !isOwner && (
          <div className={classes.hint}>
            <p>
              <b>Only the owner may add a command.</b> It runs on Preloop’s machine with Preloop’s rights. Ask the owner, or run the server yourself over HTTP and add its address.
            </p>
          </div>
        )}
        {isStdio && isOwner && (
          <>
            <p className={classes.note}>Preloop starts it as its own child: on its machine, with its rights. Add only what you trust.</p>
            <TextInput required label="Command" placeholder="npx" autoCapitalize="off" value={command} onChange={(event) => setCommand(event.currentTarget.value)} />
            <Textarea label="Arguments" description="One a line." autosize minRows={2} maxRows={8} classNames={{ input: classes.code ?? '' }} value={args} onChange={(event) => setArgs(event.currentTarget.value)} />
            <Textarea label="Environment" description="NAME=value, one a line; secret:NAME takes it from the secret store." autosize minRows={1} maxRows={6} classNames={{ input: classes.code ?? '' }} value={env} onChange={(event) => setEnv(event.currentTarget.value)} />
            {asksPassword && (
              <PasswordInput required label="Your password" description="Asked again for a command, good for five minutes." autoComplete="current-password" value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
            )}
          </>
        )}
        {error !== undefined && <ErrorPanel error={error} />}
        {error !== undefined && isStdio && isApiError(error, 403) && (
          <div className={classes.hint}>
            <p>
              A server that listens beyond its own machine takes no commands over the network. Whoever runs Preloop can permit it where it is started:
            </p>
            <CodeBlock text="preloop serve --allow-stdio" label="Copy the command" />
            <p>Or run the MCP server over HTTP and add its address:</p>
            <CodeBlock text={`preloop servers add ${name.trim() || 'NAME'} --url http://127.0.0.1:PORT/mcp`} label="Copy the command" />
          </div>
        )}
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isBusy} disabled={isStdio && !isOwner}>
            Add server
          </Button>
        </Group>
      </form>
    </Modal>
  );
}
