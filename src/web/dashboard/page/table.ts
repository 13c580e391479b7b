/**
 * Tables that stay tables for a screen reader when a phone shows them as cards: roles are said, and each cell knows the name
 * of its column.
 */
import { type Child, element } from './element.ts';

export interface Column {
  readonly name: string;
  /** Figures stand at the right. */
  readonly figures?: boolean;
}

export class Table {
  readonly node: HTMLElement;
  readonly #columns: readonly Column[];
  readonly #body = element('tbody', { role: 'rowgroup' });

  constructor(label: string, columns: readonly Column[]) {
    this.#columns = columns;
    const heads = columns.map(({ name, figures }) => {
      return element('th', { scope: 'col', role: 'columnheader', class: figures === true ? 'figures' : '' }, name);
    });
    this.node = element(
      'table',
      { role: 'table', 'aria-label': label },
      element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, ...heads)),
      this.#body,
    );
  }

  /** A row at the end; the first cell is its head. */
  row(...cells: readonly (readonly Child[])[]): HTMLTableRowElement {
    const row = element('tr', { role: 'row' });
    for (const [at, content] of cells.entries()) {
      const column = this.#columns[at];
      const attributes = { 'data-label': column?.name ?? '', class: column?.figures === true ? 'figures' : '' };
      row.append(
        at === 0
          ? element('th', { ...attributes, scope: 'row', role: 'rowheader' }, ...content)
          : element('td', { ...attributes, role: 'cell' }, ...content),
      );
    }
    this.#body.append(row);
    return row;
  }

  clear(): void {
    this.#body.replaceChildren();
  }
}
