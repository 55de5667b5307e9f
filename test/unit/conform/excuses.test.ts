import { describe, expect, it } from 'vitest';
import { ExcuseError, parseExcuses, SERVER_CHECKS } from '../../../src/conform/index.ts';

describe('an excuse file', () => {
  it('has an id and a reason a line; empty lines and comments count for nothing', () => {
    const text =
      '# what we do otherwise\n\ncreate/root  we have no root \n\tstat/times\tno clock\r\n';
    expect([...parseExcuses(text)]).toEqual([
      ['create/root', 'we have no root'],
      ['stat/times', 'no clock'],
    ]);
  });

  it.each([
    ['create/root', 'line 1: an id needs a reason behind it'],
    ['# a\ncreate/root x\ncreate/root y', 'line 3: create/root stands twice'],
    ['\n'.repeat(10_000), 'over 10000 lines'],
  ])('is refused: %j', (text, message) => {
    expect(() => parseExcuses(text)).toThrow(new ExcuseError(message));
  });
});

describe('the list of checks', () => {
  it('has an id for each that is its own, area/name', () => {
    const ids = SERVER_CHECKS.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.filter((id) => !/^[a-z0-9-]+\/[A-Za-z0-9.-]+$/.test(id))).toEqual([]);
    expect(ids.length).toBeGreaterThanOrEqual(500);
  });

  it('keeps the checks of an area together', () => {
    const areas = SERVER_CHECKS.map(({ id }) => id.split('/')[0]);
    const turns = areas.filter((area, index) => area !== areas[index - 1]);
    expect(new Set(turns).size).toBe(turns.length);
  });

  it('says of each what it is, where it is known from and what a failure means', () => {
    for (const { id, title, source, meaning } of SERVER_CHECKS) {
      expect([id, title.length > 10, source.length > 5, meaning.length > 10]).toEqual([
        id,
        true,
        true,
        true,
      ]);
      expect(title).not.toMatch(/\.$|undefined/);
    }
  });
});
