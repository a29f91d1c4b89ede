import { edit, rewrite, testAilments } from '../ailment.ts'
import type { SickHost } from '../sick-host.ts'

const configOf = ({ places }: SickHost) => places.sshdConfig
const ANCHOR = 'PermitRootLogin no\n'
const block = (...lines: readonly string[]) =>
  rewrite(configOf, ANCHOR, `${ANCHOR}${lines.join('\n')}\n`)

testAilments('Match blocks', [
  {
    title: 'a network from which a key is enough',
    ...block('Match Address 10.0.0.0/8', '  AuthenticationMethods "publickey" # for now'),
    severity: 'note',
    says: 'line 5, for Match Address 10.0.0.0/8: authenticationmethods publickey',
  },
  {
    title: 'a group one of whose lists has no code',
    ...block(
      'Match Group web',
      'AuthenticationMethods publickey,keyboard-interactive publickey,password',
    ),
    severity: 'note',
    says: 'for Match Group web: authenticationmethods publickey,keyboard-interactive publickey,password',
  },
  {
    title: 'a user whom sshd cannot ask for a code',
    ...block(
      'Match User bob',
      'AuthenticationMethods publickey',
      'KbdInteractiveAuthentication no',
    ),
    severity: 'note',
    says: 'for Match User bob: kbdinteractiveauthentication no',
  },
  {
    title: 'a user whom sshd cannot ask, in words of before',
    ...block('Match User bob', 'ChallengeResponseAuthentication no'),
    severity: 'note',
    says: 'for Match User bob: challengeresponseauthentication no',
  },
  {
    title: 'a block for root and another, where root cannot log in',
    ...block('Match User root,bob', 'AuthenticationMethods publickey'),
    severity: 'note',
    says: 'for Match User root,bob: authenticationmethods publickey',
  },
  {
    title: 'a block in a file that is included, whatever port it is for',
    breakIt: (host) =>
      host.write(
        'ssh/drop-in/99-x.conf',
        'Match LocalPort 2222\nAuthenticationMethods=publickey\n',
      ),
    healIt: ({ places }) =>
      edit(
        places.sshdConfig.replace('sshd_config', 'drop-in/99-x.conf'),
        '=publickey',
        '=publickey,keyboard-interactive',
      ),
    severity: 'note',
    says: 'drop-in/99-x.conf line 2, for Match LocalPort 2222',
  },
])
