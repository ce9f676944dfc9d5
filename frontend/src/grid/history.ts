/** Undo and redo over cells: what a person did in one go is taken back in one go. */
import type { Value } from "./book.ts";

export interface Change {
  key: string;
  before: Value;
  after: Value;
}

const KEPT = 200;

export class History {
  private done: Change[][] = [];
  private undone: Change[][] = [];

  add(changes: Change[]): void {
    if (changes.length === 0) return;
    this.done.push(changes);
    if (this.done.length > KEPT) this.done.shift();
    this.undone = [];
  }

  /** What to put into the cells to take the last step back; empty when there is none. */
  undo(): Array<{ key: string; value: Value }> {
    const changes = this.done.pop();
    if (!changes) return [];
    this.undone.push(changes);
    return changes.map(({ key, before }) => ({ key, value: before })).reverse();
  }

  redo(): Array<{ key: string; value: Value }> {
    const changes = this.undone.pop();
    if (!changes) return [];
    this.done.push(changes);
    return changes.map(({ key, after }) => ({ key, value: after }));
  }

  get canUndo(): boolean {
    return this.done.length > 0;
  }

  get canRedo(): boolean {
    return this.undone.length > 0;
  }
}
