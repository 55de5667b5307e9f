import { describe, expect, it } from 'vitest';
import { parseJaas } from '../../../../src/server/config/jaas-file.ts';

describe('parseJaas', () => {
  it('reads sections, logins and their options', () => {
    const sections = parseJaas(`
      // users
      Server {
        org.apache.zookeeper.server.auth.DigestLoginModule required
          user_super="sup\\"er = {;}" /* not
          a comment of one line */ user_jaas='it is';
        other.Module optional debug=true;
      };
      # of clients
      Client { x.Y required; };`);
    expect([...sections.keys()]).toEqual(['Server', 'Client']);
    const [digest, other] = sections.get('Server')!;
    expect(digest?.module).toBe('org.apache.zookeeper.server.auth.DigestLoginModule');
    expect([...digest!.options]).toEqual([
      ['user_super', 'sup"er = {;}'],
      ['user_jaas', 'it is'],
    ]);
    expect([...other!.options]).toEqual([['debug', 'true']]);
    expect(sections.get('Client')![0]!.options.size).toBe(0);
  });

  it('takes an empty file for one without sections', () => {
    expect(parseJaas(' \n').size).toBe(0);
  });

  it.each([
    ['Server {\n a.B required user_x="secret"', 'line 2: the name of an option is missing'],
    ['Server {\n a.B required user_x secret;};', "line 2: '=' is missing"],
    ['Server {\n a.B required user_x="secret\n";};', 'line 2: a quote is not closed'],
    ['Server\n\nsecret', "line 3: '{' is missing"],
    ['Server { a.B required; }', "line 1: ';' is missing"],
    ['Server { a.B; };', 'line 1: required, requisite, sufficient or optional is missing'],
    ['{ };', 'line 1: the name of a section is missing'],
  ])('says what is wrong with %j, and no secret', (text, message) => {
    expect(() => parseJaas(text)).toThrow(message);
    expect(() => parseJaas(text)).not.toThrow('secret');
  });

  it('has a limit', () => {
    expect(() => parseJaas(' '.repeat(2 ** 20 + 1))).toThrow('longer than 1 MiB');
  });
});
