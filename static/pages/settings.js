// Settings: who signs in, the workspace, the server, what runs behind it.
import { html } from '../html.js';
import { get, useRead } from '../api.js';
import { go } from '../router.js';
import { Failure, Page, Skeleton } from '../ui/basics.js';
import { ViewAsCurl } from '../ui/curl.js';
import { Tabs } from '../ui/tabs.js';
import { Backups } from './settings/backups.js';
import { Export } from './settings/export.js';
import { Jobs } from './settings/jobs.js';
import { Plan } from './settings/plan.js';
import { Profile } from './settings/profile.js';
import { Security } from './settings/security.js';
import { Server } from './settings/server.js';
import { WorkspaceSettings } from './settings/workspace.js';

/** @typedef {{account: {id: string, name: string, email: string, role: 'owner'|'coach', plan: string, created_at: string}, workspace: {id: string, name: string, timezone: string, units: string}, plan: {name: string, requests_per_hour: number, burst_percent: number, api_access: boolean}, server?: {public_url: string, public_url_source: string, mail: {configured: boolean, from: string|null}, request_log: {days: number, rows: number}, version: string}}} Settings */

const sections = [
  { value: 'profile', label: 'Profile', of: Profile }, { value: 'security', label: 'Security', of: Security },
  { value: 'workspace', label: 'Workspace', of: WorkspaceSettings }, { value: 'plan', label: 'Plan', of: Plan },
  { value: 'export', label: 'Export', of: Export },
  { value: 'server', label: 'Server', of: Server, owner: true }, { value: 'backups', label: 'Backups', of: Backups, owner: true },
  { value: 'jobs', label: 'Jobs', of: Jobs, owner: true },
];

/** @param {{parameters: {section?: string}}} props */
export default function SettingsPage({ parameters: { section = 'profile' } }) {
  const read = useRead((signal) => get('/v1/settings', {}, { signal }), []);
  const settings = /** @type {Settings|undefined} */ (read.data);
  const owner = settings?.account.role === 'owner';
  const shown = sections.filter((one) => owner || !one.owner);
  const current = shown.find((one) => one.value === section) ?? shown[0];
  return html`<${Page} title="Settings" name=${`${current.label} · Settings`} actions=${html`<${ViewAsCurl} calls=${[{ path: '/v1/whoami' }]} />`}>
    ${read.error && !settings && html`<${Failure} error=${read.error} onRetry=${read.reload} />`}
    ${!settings && !read.error && html`<${Skeleton} lines=${8} />`}
    ${settings && html`<${Tabs} label="Settings" value=${current.value} tabs=${shown}
      onChange=${(/** @type {string} */ to) => go(to === 'profile' ? '/dashboard/settings' : `/dashboard/settings/${to}`, { replace: true })}>
      <${current.of} settings=${settings} onChanged=${read.set} />
    <//>`}
  <//>`;
}
