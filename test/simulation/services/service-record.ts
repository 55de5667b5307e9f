import type { Registration } from '../../../src/recipes/index.ts';

/** One registration that a user has asked for. */
export class ServiceRecord {
  /** What it says of itself: nobody else says the same. */
  readonly address: string;
  readonly name: string | undefined;
  state: 'asked' | 'refused' | 'stands' | 'leaving' | 'gone' = 'asked';
  registration: Registration | null = null;
  /** It was registered once. */
  stood = false;

  constructor(address: string, name: string | undefined) {
    this.address = address;
    this.name = name;
  }

  stands(registration: Registration): void {
    this.registration = registration;
    this.stood = true;
    this.state = 'stands';
  }

  get isOver(): boolean {
    return this.state === 'gone' || this.state === 'refused';
  }

  /** It has that name, or wants it. */
  holds(name: string | undefined): boolean {
    return name !== undefined && this.name === name && !this.isOver;
  }
}
