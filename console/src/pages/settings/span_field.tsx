import { NativeSelect, TextInput } from '@mantine/core';
import { useState } from 'react';
import { unitOf, UNITS, type Unit } from '#lib/span.ts';
import classes from './workflow_form.module.css';

/** A length of time in the unit one thinks in; seconds outside. NaN while it is none. */
export function SpanField({ label, description, value, onChange, error }: { label: string; description?: string; value: number; onChange: (seconds: number) => void; error?: string | undefined }) {
  const [unit, setUnit] = useState<Unit>(() => unitOf(value));
  const [text, setText] = useState(() => String(value / UNITS[unitOf(value)]));
  const say = (number: string, of: Unit) => onChange(/^\d+$/.test(number.trim()) ? Number(number) * UNITS[of] : Number.NaN);
  return (
    <div className={classes.span}>
      <TextInput
        label={label}
        {...(description === undefined ? {} : { description })}
        inputMode="numeric"
        value={text}
        error={error}
        onChange={(event) => {
          setText(event.currentTarget.value);
          say(event.currentTarget.value, unit);
        }}
      />
      <NativeSelect
        aria-label={`Unit of ${label.toLowerCase()}`}
        value={unit}
        data={Object.keys(UNITS)}
        onChange={(event) => {
          const next = event.currentTarget.value as Unit;
          setUnit(next);
          say(text, next);
        }}
      />
    </div>
  );
}
