import { Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { people, type Agent } from '#api/access_queries.ts';
import { api, body } from '#api/client.ts';
import { me } from '#api/queries.ts';
import { FormDialog } from '#components/form_dialog.tsx';
import { toast } from '#components/toasts.tsx';
import type { Issued } from './key_issued.tsx';

interface Fields {
  name: string;
  kind: string;
  tags: string;
  owner: string;
}

/** Nobody, for a list of people. */
const NOBODY = '';

function tagsOf(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((tag) => tag !== '');
}

/** An agent, and at once its first key when one wants it. */
export function NewAgentDialog({ onClose, onIssued }: { onClose: () => void; onIssued: (issued: Issued) => void }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const [fields, setFields] = useState<Fields>({ name: '', kind: '', tags: '', owner: who?.person.id ?? NOBODY });
  const [wantsKey, setWantsKey] = useState(true);
  // When the key fails, sending again must not make the agent twice.
  const [made, setMade] = useState<Agent>();
  const send = async () => {
    const agent =
      made ??
      (await body(
        api.POST('/agents', {
          body: {
            name: fields.name.trim(),
            kind: fields.kind.trim(),
            tags: tagsOf(fields.tags),
            owner_id: fields.owner === NOBODY ? null : fields.owner,
          },
        }),
      ));
    setMade(agent);
    void client.invalidateQueries({ queryKey: ['agents'] });
    if (wantsKey) {
      const issued = await body(
        api.POST('/auth/api-keys', { body: { class: 'agent', name: agent.name, agent_id: agent.id } }),
      );
      void client.invalidateQueries({ queryKey: ['keys'] });
      onIssued({ agent: agent.name, key: issued.key });
    } else {
      toast(`The agent ${agent.name} is there.`);
    }
  };
  return (
    <FormDialog
      title="New agent"
      about="One for each program or machine, so that its calls stand under its name and can be stopped alone."
      action="Make the agent"
      onSubmit={send}
      onClose={onClose}
    >
      <AgentFields fields={fields} onChange={setFields} />
      <Checkbox
        label="Make its first key now"
        checked={wantsKey}
        onChange={(event) => setWantsKey(event.currentTarget.checked)}
      />
    </FormDialog>
  );
}

export function EditAgentDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const client = useQueryClient();
  const [fields, setFields] = useState<Fields>({
    name: agent.name,
    kind: agent.kind,
    tags: agent.tags.join(', '),
    owner: agent.owner_id ?? NOBODY,
  });
  const send = async () => {
    const owner = fields.owner === NOBODY ? null : fields.owner;
    await api.PATCH('/agents/{id}', {
      params: { path: { id: agent.id }, header: { 'If-Match': `"${agent.revision}"` } },
      body: {
        name: fields.name.trim(),
        kind: fields.kind.trim(),
        tags: tagsOf(fields.tags),
        ...(owner === agent.owner_id ? {} : { owner_id: owner }),
      },
    });
    await client.invalidateQueries({ queryKey: ['agents'] });
  };
  return (
    <FormDialog title={`Change ${agent.name}`} action="Save" onSubmit={send} onClose={onClose}>
      <AgentFields fields={fields} onChange={setFields} isRename />
    </FormDialog>
  );
}

function AgentFields({ fields, onChange, isRename = false }: { fields: Fields; onChange: (fields: Fields) => void; isRename?: boolean }) {
  const { data: who } = useQuery(me());
  const { data: known } = useQuery(people());
  const mayGiveAway = who?.permissions.includes('manage_agents') ?? false;
  const set = (change: Partial<Fields>) => onChange({ ...fields, ...change });
  return (
    <>
      <TextInput
        label="Name"
        description={isRename ? 'Rules of its own are found by this name' : 'Letters, digits, ".", "_" and "-"'}
        name="agent-name"
        autoComplete="off"
        data-autofocus
        required
        withAsterisk={false}
        maxLength={64}
        value={fields.name}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <TextInput
        label="Kind"
        description="What it is, in a word: claude-code, codex, a script"
        name="agent-kind"
        autoComplete="off"
        maxLength={64}
        value={fields.kind}
        onChange={(event) => set({ kind: event.currentTarget.value })}
      />
      <TextInput
        label="Tags"
        description="Separated by commas"
        name="agent-tags"
        autoComplete="off"
        value={fields.tags}
        onChange={(event) => set({ tags: event.currentTarget.value })}
      />
      {mayGiveAway && (
        <NativeSelect
          label="Owner"
          description="May change it, make its keys and end its sessions"
          value={fields.owner}
          onChange={(event) => set({ owner: event.currentTarget.value })}
          data={[
            { value: NOBODY, label: 'Nobody; admins only' },
            ...(known ?? []).map((one) => ({ value: one.id, label: one.display_name || one.email })),
          ]}
        />
      )}
    </>
  );
}
