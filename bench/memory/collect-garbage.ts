/** Full collections until they find no more: the first one may leave what finalizers held. */
export function collectGarbage(): void {
  if (globalThis.gc === undefined) throw new Error('memory cases need node --expose-gc');
  for (let round = 0; round < 3; round++) globalThis.gc();
}
