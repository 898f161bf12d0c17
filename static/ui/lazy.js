// A part of a page that is loaded when it is first shown.
import { html, useEffect, useState } from '../html.js';
import { Button, Empty, Skeleton } from './basics.js';

/** @type {Map<() => Promise<any>, any>} */
const loaded = new Map();

/** @param {{load: () => Promise<any>, [more: string]: any}} props `load` gives the component; what else is given is for it */
export function Lazy({ load, ...rest }) {
  const [, setTurn] = useState(0);
  const [failed, setFailed] = useState(/** @type {any} */ (null));
  const Part = loaded.get(load);
  useEffect(() => {
    if (loaded.has(load)) return undefined;
    let wanted = true;
    load().then(
      (part) => { loaded.set(load, part); if (wanted) setTurn((turn) => turn + 1); },
      (error) => { if (wanted) setFailed({ load, error }); },
    );
    return () => { wanted = false; };
  }, [load]);
  if (failed?.load === load) {
    return html`<${Empty} icon="refresh" title="This part could not be loaded" actions=${html`<${Button} onClick=${() => location.reload()}>Load it again<//>`}>
      <p>Either the server cannot be reached, or it was updated while this was open.</p><//>`;
  }
  return Part ? html`<${Part} ...${rest} />` : html`<${Skeleton} lines=${6} />`;
}
