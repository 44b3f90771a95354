import { Button, Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, body } from '#api/client.ts';
import { isApiError } from '#api/problem.ts';
import { me } from '#api/queries.ts';
import { accessRules, tool as toolQuery, type AccessRules, type Caller, type Tool } from '#api/tool_queries.ts';
import { EmptyState } from '#components/empty_state.tsx';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Question, Warning } from '#components/icons.tsx';
import { JsonView } from '#components/json_view.tsx';
import { Panel } from '#components/panel.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { StatusBadge } from '#components/status_badge.tsx';
import { toast } from '#components/toasts.tsx';
import { schemaRows } from '#lib/schema_rows.ts';
import { CallTrial } from './call_trial.tsx';
import { callerWords } from './caller.ts';
import { DefinitionChange } from './definition_change.tsx';
import { changeRules, isOffFor, ownRules, textOf } from './rules_change.ts';
import { RulesPanel } from './rules_panel.tsx';
import classes from './tool_detail.module.css';
import { useToolSwitch } from './tool_switch.tsx';

/** One tool: what it says about itself, whether it is trusted, and the rules about it. */
export function ToolDetail({ id, caller, heading }: { id: string; caller: Caller; heading: 'h1' | 'h2' }) {
  const { data: tool, error, refetch } = useQuery(toolQuery(id));
  if (isApiError(error, 404) || isApiError(error, 400)) {
    return (
      <Panel>
        <EmptyState icon={Question} heading={heading === 'h1' ? 'h1' : 'p'} title="This tool is gone">
          Its server was removed, or does not list it any more.
        </EmptyState>
      </Panel>
    );
  }
  if (!tool) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={4} height={110} />;
  }
  return <Detail tool={tool} caller={caller} heading={heading} />;
}

function Detail({ tool, caller, heading: Heading }: { tool: Tool; caller: Caller; heading: 'h1' | 'h2' }) {
  const { data: who } = useQuery(me());
  const mayConfigure = who?.permissions.includes('configure_servers') === true;
  return (
    <article className={classes.detail} data-tool-detail={tool.exposed_name}>
      <header className={classes.head}>
        <div className={classes.words}>
          <Heading className={classes.title}>
            <span className={classes.name}>
              <SafeText text={tool.name} />
            </span>
            <span className={classes.on}>
              {' '}
              on <SafeText text={tool.server} />
            </span>
          </Heading>
          <p className={classes.exposed}>
            Agents call it <code>{<SafeText text={tool.exposed_name} />}</code>
          </p>
        </div>
        {caller.scope === 'account' ? <OnOff tool={tool} mayConfigure={mayConfigure} /> : <ScopeOnOff tool={tool} caller={caller} />}
      </header>
      {tool.description.trim() === '' ? (
        <p className={classes.muted}>The server describes it with no word.</p>
      ) : (
        <p className={classes.description}>
          <SafeText text={tool.description} lines />
        </p>
      )}
      <Hints tool={tool} />
      {tool.pin !== 'accepted' && <Pin tool={tool} mayConfigure={mayConfigure} />}
      {tool.schema_problem !== '' && (
        <div className={classes.notice}>
          <Warning size={16} />
          <div>
            <b>Its input schema cannot be used.</b> Conditions on its arguments count as errors: rules that deny or ask apply, rules that allow do not.{' '}
            <SafeText text={tool.schema_problem} />
          </div>
        </div>
      )}
      <nav className={classes.parts} aria-label="Parts of this page">
        <a href="#rules">Rules</a>
        <a href="#what-happens">What happens to a call</a>
        <a href="#arguments">Arguments</a>
      </nav>
      <RulesPanel tool={tool} caller={caller} />
      <Panel id="what-happens" title="What happens to a call">
        <CallTrial tool={tool} caller={caller} />
      </Panel>
      <Arguments tool={tool} />
    </article>
  );
}

/** Whether agents see it. */
function OnOff({ tool, mayConfigure }: { tool: Tool; mayConfigure: boolean }) {
  const { isOn, turn } = useToolSwitch(tool);
  if (!mayConfigure) return tool.enabled ? null : <StatusBadge status="suspended" label="Off" />;
  return <Switch className={classes.switch ?? ''} label="Agents may use it" labelPosition="left" checked={isOn} onChange={(event) => turn(event.currentTarget.checked)} />;
}

/** Whether one agent or key sees it; it can only be taken away what everybody has. */
function ScopeOnOff({ tool, caller }: { tool: Tool; caller: Exclude<Caller, { scope: 'account' }> }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const { data: rules } = useQuery(accessRules(tool.id));
  const turn = useMutation({
    mutationFn: async (isOn: boolean) => {
      const based = rules as AccessRules;
      return await changeRules(tool.id, based, { caller, rules: ownRules(based, caller).map(textOf), enabled: isOn });
    },
    onSuccess: (after, isOn) => {
      client.setQueryData(accessRules(tool.id).queryKey, after);
      if (isOn && isOffFor(after, caller)) toast('The policy keeps it off with a rule for several tools.', 'problem');
      else toast(isOn ? `${tool.name} is on for ${callerWords(caller)}` : `${tool.name} is off for ${callerWords(caller)}`);
    },
    onError: (error) => toast(error.message, 'problem'),
  });
  if (!rules) return null;
  const isOn = turn.isPending ? turn.variables : !isOffFor(rules, caller);
  if (!tool.enabled) return <StatusBadge status="suspended" label="Off for everybody" />;
  if (who?.permissions.includes('configure_policy') !== true) return isOn ? null : <StatusBadge status="suspended" label="Off" />;
  return <Switch className={classes.switch ?? ''} label={`${caller.name} may use it`} labelPosition="left" checked={isOn} onChange={(event) => turn.mutate(event.currentTarget.checked)} />;
}

/** What the server says about the tool: a hint, not a promise. */
function Hints({ tool }: { tool: Tool }) {
  const { read_only_hint, destructive_hint, idempotent_hint, open_world_hint } = tool.annotations;
  const words = [
    read_only_hint ? 'only reads' : destructive_hint ? 'may destroy something' : 'only adds',
    ...(!read_only_hint && idempotent_hint ? ['twice is like once'] : []),
    open_world_hint ? 'reaches beyond its server' : 'stays inside its server',
  ];
  return (
    <p className={classes.hints}>
      <span>Its server says:</span>
      {words.map((word) => (
        <span key={word} className={classes.hint} data-bad={word === 'may destroy something' || undefined}>
          {word}
        </span>
      ))}
    </p>
  );
}

function Pin({ tool, mayConfigure }: { tool: Tool; mayConfigure: boolean }) {
  const client = useQueryClient();
  const accept = useMutation({
    mutationFn: () => body(api.POST('/tools/{id}/accept', { params: { path: { id: tool.id } } })),
    onSuccess: (after) => {
      client.setQueryData(toolQuery(tool.id).queryKey, after);
      void client.invalidateQueries({ queryKey: ['tools', 'list'] });
      toast(`Accepted: ${tool.name}`);
    },
  });
  const isNew = tool.pin === 'new_tool';
  return (
    <section className={classes.pin} aria-label={isNew ? 'New tool' : 'Changed tool'}>
      <div className={classes.pinHead}>
        <Warning size={18} />
        <div>
          <b>{isNew ? 'This tool is new.' : 'This tool is not what was accepted.'}</b>
          <p className={classes.pinWords}>
            {isNew
              ? 'It appeared after its server was accepted. Until somebody accepts it, the policy’s default for new tools applies to every call.'
              : 'Its server changed the definition. Until somebody accepts it as it is now, the policy’s default for new tools applies to every call.'}
          </p>
        </div>
      </div>
      {!isNew && <DefinitionChange before={tool.accepted_definition} after={tool.definition} lines={tool.changes ?? []} />}
      {accept.error && <ErrorPanel error={accept.error} />}
      {mayConfigure && (
        <div>
          <Button loading={accept.isPending} onClick={() => accept.mutate()}>
            {isNew ? 'Accept this tool' : 'Accept the new definition'}
          </Button>
        </div>
      )}
    </section>
  );
}

function Arguments({ tool }: { tool: Tool }) {
  const [isWhole, setWhole] = useState(false);
  const definition = tool.definition as Record<string, unknown> | undefined;
  const rows = schemaRows(definition?.inputSchema);
  return (
    <Panel
      id="arguments"
      title="Arguments"
      actions={
        <Button variant="subtle" size="compact-sm" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? 'Hide the definition' : 'Whole definition'}
        </Button>
      }
    >
      {rows.length === 0 ? (
        <p className={classes.muted}>It names no arguments.</p>
      ) : (
        <dl className={classes.arguments}>
          {rows.map((row, place) => (
            <div key={place} className={classes.argument} style={{ paddingLeft: row.depth * 20 }}>
              <dt className={classes.term}>
                <code className={classes.argumentName}>
                  <SafeText text={row.name} />
                </code>
                <span className={classes.type}>
                  <SafeText text={row.type} />
                </span>
                {row.isRequired && <span className={classes.required}>required</span>}
              </dt>
              <dd className={classes.about}>
                {row.description !== '' && <SafeText text={row.description} lines />}
                {row.limits.map((limit) => (
                  <span key={limit} className={classes.limit}>
                    <SafeText text={limit} />
                  </span>
                ))}
              </dd>
            </div>
          ))}
        </dl>
      )}
      {isWhole && definition && (
        <div className={classes.definition}>
          <JsonView value={definition} label="definition" />
        </div>
      )}
    </Panel>
  );
}
