// Being written.
import { html } from '../html.js';
import { Page } from '../ui/basics.js';

export default () => html`<${Page} title="API keys" />`;
