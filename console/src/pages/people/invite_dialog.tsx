import { NativeSelect, TextInput } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Person, Role } from '#api/access_queries.ts';
import { api, body } from '#api/client.ts';
import { me } from '#api/queries.ts';
import { FormDialog } from '#components/form_dialog.tsx';
import type { MadeLink } from './link_shown.tsx';
import { ROLE_WORDS, rolesUpTo } from './roles.ts';

/** A person, and the link with which they choose their password. */
export function InviteDialog({ onClose, onLink }: { onClose: () => void; onLink: (link: MadeLink) => void }) {
  const client = useQueryClient();
  const { data: who } = useQuery(me());
  const [email, setEmail] = useState('');
  const [name, setName] = useState('');
  const [role, setRole] = useState<Role>('approver');
  // When the link fails, sending again must not make the person twice.
  const [made, setMade] = useState<Person>();
  const send = async () => {
    const person =
      made ??
      (await body(api.POST('/users', { body: { email: email.trim(), display_name: name.trim(), role } })));
    setMade(person);
    void client.invalidateQueries({ queryKey: ['people'] });
    onLink(await makeLink(person, 'setup'));
  };
  return (
    <FormDialog
      title="Invite somebody"
      about="You get a link to send them. With it they choose their password and are in."
      action="Make the invitation"
      onSubmit={send}
      onClose={onClose}
    >
      <TextInput
        label="E-mail address"
        type="email"
        name="invite-email"
        autoComplete="off"
        data-autofocus
        required
        withAsterisk={false}
        maxLength={254}
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <TextInput
        label="Name"
        description="How others see who decided"
        name="invite-name"
        autoComplete="off"
        maxLength={200}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <RoleSelect own={who?.role ?? 'viewer'} value={role} onChange={setRole} />
    </FormDialog>
  );
}

export function RoleSelect({ own, value, onChange }: { own: Role; value: Role; onChange: (role: Role) => void }) {
  return (
    <NativeSelect
      label="Role"
      data={rolesUpTo(own).map((role) => ({ value: role, label: `${role}: ${ROLE_WORDS[role]}` }))}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value as Role)}
    />
  );
}

export async function makeLink(person: Person, purpose: MadeLink['purpose']): Promise<MadeLink> {
  const link = await body(
    api.POST('/users/{id}/links', { params: { path: { id: person.id } }, body: { purpose } }),
  );
  return { ...link, email: person.email, purpose };
}
