import { Menu, useMantineColorScheme } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { api } from '#api/client.ts';
import { me } from '#api/queries.ts';
import { dropSession } from '#api/session.ts';
import { Check, Gear, Keyboard, Moon, SignOut, Sun } from '#components/icons.tsx';
import { useShortcutSetting } from '#components/keys.tsx';
import { SafeText } from '#components/safe_text.tsx';
import { toast } from '#components/toasts.tsx';
import classes from './account_menu.module.css';

const THEMES = [
  { value: 'auto', label: 'As the system', icon: Gear },
  { value: 'light', label: 'Light', icon: Sun },
  { value: 'dark', label: 'Dark', icon: Moon },
] as const;

async function signOut(): Promise<void> {
  try {
    await api.POST('/auth/sign-out');
    dropSession(false);
  } catch {
    toast('Signing out failed: the server did not answer. You are still signed in.', 'problem');
  }
}

/** Who is signed in, the theme, and the way out. `isInline`: without a menu, for the phone. */
export function AccountMenu({ isInline = false }: { isInline?: boolean }) {
  const { data } = useQuery(me());
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const [hasShortcuts, turnShortcuts] = useShortcutSetting();
  const who = data && (
    <span className={classes.who}>
      <span className={classes.initial} aria-hidden="true">
        {(data.person.display_name || data.person.email).slice(0, 1).toUpperCase()}
      </span>
      <span className={classes.words}>
        <span className={classes.name}>
          <SafeText text={data.person.display_name || data.person.email} />
        </span>
        <span className={classes.role}>{data.role}</span>
      </span>
    </span>
  );
  if (isInline) {
    return (
      <div className={classes.inline}>
        {who}
        <div className={classes.themes} role="radiogroup" aria-label="Theme">
          {THEMES.map(({ value, label, icon: Drawing }) => (
            <button
              key={value}
              type="button"
              role="radio"
              aria-checked={colorScheme === value}
              className={classes.theme}
              onClick={() => setColorScheme(value)}
            >
              <Drawing size={18} />
              {label}
            </button>
          ))}
        </div>
        <button type="button" className={classes.out} onClick={() => void signOut()}>
          <SignOut size={18} />
          Sign out
        </button>
      </div>
    );
  }
  return (
    <Menu position="top-start" width={200} shadow="md" transitionProps={{ duration: 80 }}>
      <Menu.Target>
        <button type="button" className={classes.button}>
          {who ?? <span className={classes.who}>Account</span>}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Theme</Menu.Label>
        {THEMES.map(({ value, label, icon: Drawing }) => (
          <Menu.Item
            key={value}
            leftSection={<Drawing />}
            rightSection={colorScheme === value ? <Check size={14} /> : null}
            onClick={() => setColorScheme(value)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item
          leftSection={<Keyboard />}
          rightSection={hasShortcuts ? <Check size={14} /> : null}
          closeMenuOnClick={false}
          onClick={turnShortcuts}
        >
          Single-key shortcuts
          <span className="visually-hidden">{hasShortcuts ? ': on' : ': off'}</span>
        </Menu.Item>
        <Menu.Item leftSection={<SignOut />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
