import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { people } from '#api/access_queries.ts';
import { Plus, Trash } from '#components/icons_tools.tsx';
import classes from './workflow_form.module.css';

const ROLES = ['owner', 'admin', 'approver', 'member'];
const OTHER = '\u0000other';

/** Teams, roles and people who are asked; nobody named means everybody with the role approver or more. */
export function ApproverList({ label, value, teams, onChange, whenEmpty }: { label: string; value: readonly string[]; teams: readonly string[]; onChange: (next: string[]) => void; whenEmpty?: string }) {
  const { data: known } = useQuery(people());
  const [isTyping, setTyping] = useState(false);
  const [typed, setTyped] = useState('');
  const title = useId();
  const addresses = (known ?? []).map(({ email }) => email);
  const strangers = value.filter((one) => !ROLES.includes(one) && !teams.includes(one) && !addresses.includes(one));
  const groups = (isNew: boolean) => {
    const free = (names: readonly string[]) => names.map((name) => ({ value: name, label: name, disabled: isNew && value.includes(name) }));
    return [
      ...(isNew ? [{ value: '', label: 'Add somebody…' }] : []),
      { group: 'Roles, and those above them', items: free(ROLES) },
      ...(teams.length > 0 ? [{ group: 'Teams', items: free(teams) }] : []),
      ...(addresses.length > 0 ? [{ group: 'People', items: free(addresses) }] : []),
      ...(!isNew && strangers.length > 0 ? [{ group: 'Others', items: free(strangers) }] : []),
      ...(isNew ? [{ group: 'Not here yet', items: [{ value: OTHER, label: 'An e-mail address…' }] }] : []),
    ];
  };
  const add = (name: string) => {
    if (name.trim() !== '' && !value.includes(name.trim())) onChange([...value, name.trim()]);
    setTyped('');
    setTyping(false);
  };
  return (
    <fieldset className={classes.approvers} aria-labelledby={title}>
      <legend className={classes.label} id={title}>
        {label}
      </legend>
      {value.length === 0 && whenEmpty !== undefined && <p className={classes.note}>{whenEmpty}</p>}
      {value.map((name, place) => (
        <div key={name} className={classes.approver}>
          <NativeSelect aria-label={`${label} ${place + 1}`} value={name} data={groups(false)} onChange={(event) => onChange(value.with(place, event.currentTarget.value))} />
          <ActionIcon variant="subtle" color="gray" size={36} aria-label={`Remove ${name}`} onClick={() => onChange(value.toSpliced(place, 1))}>
            <Trash />
          </ActionIcon>
        </div>
      ))}
      {isTyping ? (
        <div className={classes.approver}>
          <TextInput aria-label="E-mail address" type="email" value={typed} autoFocus onChange={(event) => setTyped(event.currentTarget.value)} />
          <Button variant="default" leftSection={<Plus />} onClick={() => add(typed)}>
            Add
          </Button>
        </div>
      ) : (
        <NativeSelect aria-label={`Add to ${label.toLowerCase()}`} value="" data={groups(true)} onChange={(event) => (event.currentTarget.value === OTHER ? setTyping(true) : add(event.currentTarget.value))} />
      )}
    </fieldset>
  );
}
