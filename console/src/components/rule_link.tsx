import { Link } from '@tanstack/react-router';
import { placeText, type RulePlace } from '#lib/policy_place.ts';
import { Pencil } from './icons_tools.tsx';
import classes from './rule_link.module.css';

/** To where a rule stands in the policy's document: rules for many tools, of agents and of keys are changed there. */
export function RuleLink({ scope, name, position }: RulePlace) {
  const whose = scope === 'account' ? 'the account' : `the ${scope} ${name}`;
  return (
    <Link to="/settings" search={{ tab: 'policy', rule: placeText({ scope, name, position }) }} className={classes.link} aria-label={`Change rule ${position} of ${whose} in the policy`} title="Change it in the policy">
      <Pencil />
    </Link>
  );
}
