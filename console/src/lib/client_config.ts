/** What a client needs to speak to this server with a key, as docs/guide/connect-agents.md says. */
export interface ClientConfig {
  id: string;
  name: string;
  /** Where it goes. */
  where: string;
  text: string;
}

/** An hour: a call that waits for a person is silent for long. */
const TIMEOUT_MS = 3_600_000;

export function clientConfigs(origin: string, key: string): ClientConfig[] {
  const url = `${origin}/mcp/v1`;
  const headers = { Authorization: `Bearer ${key}` };
  const pretty = (value: unknown) => JSON.stringify(value, null, 2);
  const claude = JSON.stringify({ type: 'http', url, timeout: TIMEOUT_MS, headers });
  return [
    {
      id: 'claude-code',
      name: 'Claude Code',
      where: 'Run once, in a terminal',
      text: `claude mcp add-json --scope user preloop '${claude}'`,
    },
    {
      id: 'codex',
      name: 'Codex CLI',
      where: '~/.codex/config.toml, with the key in PRELOOP_AGENT_KEY',
      text: [
        '[mcp_servers.preloop]',
        `url = "${url}"`,
        'bearer_token_env_var = "PRELOOP_AGENT_KEY"',
        'tool_timeout_sec = 3600',
        '',
        `# export PRELOOP_AGENT_KEY=${key}`,
      ].join('\n'),
    },
    {
      id: 'gemini',
      name: 'Gemini CLI',
      where: '~/.gemini/settings.json',
      text: pretty({ mcpServers: { preloop: { httpUrl: url, timeout: TIMEOUT_MS, headers } } }),
    },
    {
      id: 'opencode',
      name: 'OpenCode',
      where: '~/.config/opencode/opencode.json',
      text: pretty({
        mcp: { preloop: { type: 'remote', url, enabled: true, oauth: false, timeout: TIMEOUT_MS, headers } },
      }),
    },
    {
      id: 'openclaw',
      name: 'OpenClaw',
      where: '~/.openclaw/openclaw.json',
      text: pretty({
        mcp: {
          servers: { preloop: { url, transport: 'streamable-http', requestTimeoutMs: TIMEOUT_MS, headers } },
        },
      }),
    },
    {
      id: 'other',
      name: 'Another client',
      where: 'Streamable HTTP; set its timeout to an hour',
      text: `${url}\nAuthorization: Bearer ${key}`,
    },
  ];
}
