import type { Diagnosis } from '../net/diagnosis.ts';
import { CopyButton } from './copy-button.tsx';

/** What is wrong between this site and the chat service, for the one person who can mend it. */
export function OperatorHelp({ diagnosis }: { diagnosis: Diagnosis }) {
  const { cause, found, advice, gateway } = diagnosis;
  return (
    <details class="operator-help" open={cause === 'origin' || cause === 'setup'}>
      <summary>For whoever runs this site</summary>
      {cause === 'origin' && <AllowedOrigin diagnosis={diagnosis} />}
      <dl>
        <dt>Found</dt>
        <dd>{found}</dd>
        {cause !== 'origin' && advice && (
          <>
            <dt>To do</dt>
            <dd class="operator-advice">{advice}</dd>
          </>
        )}
        <dt>Chat service</dt>
        <dd>{gateway}</dd>
      </dl>
    </details>
  );
}

function AllowedOrigin({ diagnosis: { origin } }: { diagnosis: Diagnosis }) {
  return (
    <>
      <p>Add this origin, exactly as it stands here:</p>
      <div class="origin-to-add">
        <code>{origin}</code>
        <CopyButton text={() => origin} name="Copy origin" />
      </div>
      <ul>
        <li>at Behest: to the allowed origins in the project’s settings</li>
        <li>
          with behest-gateway: to <code>GATEWAY_ALLOWED_ORIGINS</code>
        </li>
      </ul>
    </>
  );
}
