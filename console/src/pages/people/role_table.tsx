import { useQuery } from '@tanstack/react-query';
import { permissions } from '#api/access_queries.ts';
import { me } from '#api/queries.ts';
import { ErrorPanel } from '#components/error_panel.tsx';
import { Check } from '#components/icons.tsx';
import { Panel } from '#components/panel.tsx';
import { LineSkeletons } from '#components/skeletons.tsx';
import { isAbove, ROLES } from './roles.ts';
import classes from './people.module.css';

/** Role by permission, as the server has it. */
export function RoleTable() {
  const { data: who } = useQuery(me());
  const { data, error, refetch } = useQuery(permissions());
  if (!data) {
    return error ? <ErrorPanel error={error} onRetry={() => void refetch()} /> : <LineSkeletons count={12} height={36} />;
  }
  return (
    <>
      <Panel flush>
        <table className={classes.matrix} aria-label="What each role may">
          <thead>
            <tr>
              <th scope="col">May</th>
              {ROLES.map((role) => (
                <th key={role} scope="col" data-own={role === who?.role || undefined}>
                  <span>
                    {role}
                    {role === who?.role && <span className="visually-hidden"> (yours)</span>}
                  </span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {data.map((one) => (
              <tr key={one.name}>
                <th scope="row">
                  {one.title}
                  <span className={classes.scope}>
                    {one.scope === null ? 'never with a key' : `a key needs the scope ${one.scope}`}
                    {one.step_up && ', asks for the password again'}
                  </span>
                </th>
                {ROLES.map((role) => (
                  <td key={role} data-own={role === who?.role || undefined}>
                    {isAbove(one.least_role, role) ? (
                      <>
                        <span aria-hidden="true" className={classes.no}>
                          ·
                        </span>
                        <span className="visually-hidden">no</span>
                      </>
                    ) : (
                      <>
                        <Check size={16} className={classes.yes} />
                        <span className="visually-hidden">yes</span>
                      </>
                    )}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </Panel>
      <p className={classes.note}>
        An agent’s key may none of this, whatever its owner’s role: it calls tools, and nothing else.
      </p>
    </>
  );
}
