import '@fontsource-variable/inter/wght.css';
import './mantine_styles.ts';
import './tokens.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { Toasts } from '#components/toasts.tsx';
import { live } from '#api/live.ts';
import { followLive } from '#api/live_updates.ts';
import { onSessionChange } from '#api/session.ts';
import { cspNonce } from '#lib/csp_nonce.ts';
import { queryClient } from './query_client.ts';
import { router, toSignIn } from './router.tsx';
import { cssVariables, theme } from './theme.ts';

const nonce = cspNonce();
// The scroll lock of dialogs reads it from here.
Object.assign(globalThis, { __webpack_nonce__: nonce });

const colorScheme = localStorageColorSchemeManager({ key: 'preloop-theme' });

followLive(queryClient);
live.start();

onSessionChange(({ isSignedIn, hasEnded }) => {
  if (isSignedIn) {
    // Another tab may have signed in as somebody else.
    void queryClient.resetQueries();
  } else {
    queryClient.clear();
    toSignIn(hasEnded);
  }
});

const page = createRoot(document.getElementById('root') as HTMLElement);
const app = (
  <MantineProvider
    theme={theme}
    cssVariablesResolver={cssVariables}
    colorSchemeManager={colorScheme}
    defaultColorScheme="auto"
    getStyleNonce={() => nonce}
  >
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
      <Toasts />
    </QueryClientProvider>
  </MantineProvider>
);

// The page's own code is fetched before anything is drawn: what React draws in its place would stay
// for 300 ms, however soon it comes. A page that cannot be fetched is an error that the router shows.
void router.load().finally(() => page.render(app));
