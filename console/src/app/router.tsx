import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { isSignedIn } from '#api/session.ts';
import { LineSkeletons } from '#components/skeletons.tsx';
import { NotFound, PageError } from './fallbacks.tsx';
import { Alone } from './shell/alone.tsx';
import { Shell } from './shell/shell.tsx';

// Every page is a chunk of its own. To add one: a folder in pages/, a route here, its first path
// segment in roots.ts, and an entry in shell/navigation.ts.

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

function mustBeSignedIn({ location }: { location: { href: string } }): void {
  if (!isSignedIn()) {
    throw redirect({ to: '/sign-in', search: { next: location.href } });
  }
}

/** Pages with the navigation around them. */
const shell = createRoute({
  getParentRoute: () => root,
  id: 'shell',
  beforeLoad: mustBeSignedIn,
  component: Shell,
});

const overview = createRoute({
  getParentRoute: () => shell,
  path: '/',
  component: lazyRouteComponent(() => import('#pages/overview/overview_page.tsx'), 'OverviewPage'),
});

const approvals = createRoute({
  getParentRoute: () => shell,
  path: '/approvals',
  validateSearch: (search: Record<string, unknown>): { id?: string; tab?: 'history' } => ({
    ...(typeof search.id === 'string' ? { id: search.id } : {}),
    ...(search.tab === 'history' ? { tab: 'history' } : {}),
  }),
  component: lazyRouteComponent(() => import('#pages/approvals/approvals_page.tsx'), 'ApprovalsPage'),
});

const tools = createRoute({
  getParentRoute: () => shell,
  path: '/tools',
  validateSearch: (search: Record<string, unknown>): { tool?: string; server?: string; caller?: string } =>
    Object.fromEntries(['tool', 'server', 'caller'].filter((name) => typeof search[name] === 'string').map((name) => [name, search[name]])),
  component: lazyRouteComponent(() => import('#pages/tools/tools_page.tsx'), 'ToolsPage'),
});

/** The record's filters: only text that says something. */
const RECORD_SEARCH = ['show', 'agent', 'tool', 'since', 'from', 'until'] as const;
type RecordSearch = { [name in (typeof RECORD_SEARCH)[number]]?: string } & { tab?: 'verify' };

const audit = createRoute({
  getParentRoute: () => shell,
  path: '/audit',
  validateSearch: (search: Record<string, unknown>): RecordSearch => ({
    ...Object.fromEntries(RECORD_SEARCH.filter((name) => typeof search[name] === 'string' && search[name] !== '').map((name) => [name, search[name]])),
    ...(search.tab === 'verify' ? { tab: 'verify' } : {}),
  }),
  component: lazyRouteComponent(() => import('#pages/audit/audit_page.tsx'), 'AuditPage'),
});

const story = createRoute({
  getParentRoute: () => shell,
  path: '/audit/$id',
  component: lazyRouteComponent(() => import('#pages/audit/story_page.tsx'), 'StoryPage'),
});

const agents = createRoute({
  getParentRoute: () => shell,
  path: '/agents',
  validateSearch: (search: Record<string, unknown>): { tab?: 'keys' } => (search.tab === 'keys' ? { tab: 'keys' } : {}),
  component: lazyRouteComponent(() => import('#pages/agents/agents_page.tsx'), 'AgentsPage'),
});

const agent = createRoute({
  getParentRoute: () => shell,
  path: '/agents/$id',
  component: lazyRouteComponent(() => import('#pages/agents/agent_page.tsx'), 'AgentPage'),
});

const people = createRoute({
  getParentRoute: () => shell,
  path: '/people',
  validateSearch: (search: Record<string, unknown>): { tab?: 'roles' | 'you' } =>
    search.tab === 'roles' || search.tab === 'you' ? { tab: search.tab } : {},
  component: lazyRouteComponent(() => import('#pages/people/people_page.tsx'), 'PeoplePage'),
});

const SETTINGS = ['policy', 'workflows', 'notifications', 'secrets', 'backup'] as const;

const settings = createRoute({
  getParentRoute: () => shell,
  path: '/settings',
  validateSearch: (search: Record<string, unknown>): { tab?: (typeof SETTINGS)[number]; rule?: string } => {
    const tab = SETTINGS.find((one) => one === search.tab);
    return { ...(tab ? { tab } : {}), ...(tab === 'policy' && typeof search.rule === 'string' ? { rule: search.rule } : {}) };
  },
  component: lazyRouteComponent(() => import('#pages/settings/settings_page.tsx'), 'SettingsPage'),
});

/** Pages by themselves: reached by a link, with one thing to do. */
const alone = createRoute({ getParentRoute: () => root, id: 'alone', component: Alone });

const approval = createRoute({
  getParentRoute: () => alone,
  path: '/approval/$id',
  // A link in a message brings its own right to decide, in the fragment.
  beforeLoad: ({ location: place }) => {
    if (!new URLSearchParams(window.location.hash.slice(1)).has('link')) mustBeSignedIn({ location: place });
  },
  component: lazyRouteComponent(() => import('#pages/approvals/approval_page.tsx'), 'ApprovalPage'),
});

const terminal = createRoute({
  getParentRoute: () => alone,
  path: '/login',
  beforeLoad: mustBeSignedIn,
  component: lazyRouteComponent(() => import('#pages/auth/terminal_page.tsx'), 'TerminalPage'),
});

const signIn = createRoute({
  getParentRoute: () => alone,
  path: '/sign-in',
  beforeLoad: () => {
    if (isSignedIn()) throw redirect({ to: '/' });
  },
  validateSearch: (search: Record<string, unknown>): { next?: string; ended?: boolean } => ({
    ...(typeof search.next === 'string' ? { next: search.next } : {}),
    ...(search.ended === true ? { ended: true } : {}),
  }),
  component: lazyRouteComponent(() => import('#pages/auth/sign_in_page.tsx'), 'SignInPage'),
});

const setUp = createRoute({
  getParentRoute: () => alone,
  path: '/setup',
  component: lazyRouteComponent(() => import('#pages/auth/link_page.tsx'), 'LinkPage'),
});

const reset = createRoute({
  getParentRoute: () => alone,
  path: '/reset',
  component: lazyRouteComponent(() => import('#pages/auth/link_page.tsx'), 'LinkPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    shell.addChildren([
      overview,
      approvals,
      tools,
      audit,
      story,
      agents,
      agent,
      people,
      settings,
    ]),
    alone.addChildren([approval, terminal, signIn, setUp, reset]),
  ]),
  defaultPreload: 'intent',
  defaultPendingComponent: LineSkeletons,
  defaultPendingMs: 300,
  defaultErrorComponent: PageError,
  scrollRestoration: true,
});

/** Where somebody without a session belongs; they come back to where they were. */
export function toSignIn(hasEnded: boolean): void {
  const { href, pathname } = router.state.location;
  if (['/sign-in', '/setup', '/reset'].includes(pathname)) return;
  void router.navigate({
    to: '/sign-in',
    search: hasEnded ? { next: href, ended: true } : { next: href },
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
