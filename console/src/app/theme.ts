import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** docs/design/console.md has the reasons; tokens.css the colours that Mantine has no name for. */
const indigo: MantineColorsTuple = [
  '#eef0fd',
  '#dde1fb',
  '#bcc4f6',
  '#98a4f1',
  '#7a89ec',
  '#6072e6',
  '#5061df',
  '#4353d6',
  '#3744b0',
  '#2a3488',
];

/** Surfaces and lines of Mantine's dark theme, lightest first. */
const dark: MantineColorsTuple = [
  '#e9ebef',
  '#c3cad4',
  '#9ba5b4',
  '#6c7686',
  '#3a414c',
  '#282d35',
  '#1a1e24',
  '#15181d',
  '#101317',
  '#0e1013',
];

const mono =
  'ui-monospace, "SF Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace';

export const theme = createTheme({
  colors: { indigo, dark },
  primaryColor: 'indigo',
  primaryShade: { light: 7, dark: 6 },
  fontFamily: '"Inter Variable", system-ui, -apple-system, "Segoe UI", sans-serif',
  fontFamilyMonospace: mono,
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '1.35', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.3' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'sm',
  cursorType: 'pointer',
  focusRing: 'auto',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    TextInput: { defaultProps: { size: 'sm' } },
    PasswordInput: { defaultProps: { size: 'sm' } },
    Tooltip: { defaultProps: { openDelay: 400, withArrow: true, fz: 12 } },
    // A <header> in a dialog would be another banner of the page.
    ModalHeader: { defaultProps: { role: 'presentation' } },
    DrawerHeader: { defaultProps: { role: 'presentation' } },
    Modal: {
      defaultProps: {
        centered: true,
        styles: { title: { fontWeight: 600 } },
        transitionProps: { duration: 120, transition: 'pop' },
        overlayProps: { backgroundOpacity: 0.45 },
        closeButtonProps: { 'aria-label': 'Close' },
      },
    },
  },
});

/** Mantine's own names, from our tokens, so that its components follow both themes. */
const fromTokens = {
  '--mantine-color-body': 'var(--panel)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--muted)',
  '--mantine-color-placeholder': 'var(--muted)',
  '--mantine-color-default': 'var(--panel)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--field-border)',
  '--mantine-color-default-hover': 'var(--hover)',
  '--mantine-color-anchor': 'var(--link)',
  '--mantine-color-error': 'var(--tone-red)',
};

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: fromTokens,
  dark: fromTokens,
});
