/** A row of the table: a proxy section, and what the client and the servers behind it do. */
import type { Scene } from './scene.ts';

export interface Row {
  readonly title: string;
  /**
   * What the log says of the end: four letters of an HTTP stream, two of a TCP one; of each line if there are several, in
   * their order.
   */
  readonly state: string | readonly string[];
  /**
   * The section's lines beside `bind`, separated by semicolons. `$s1`, `$s2` … are servers that the row plays (`$h1` …
   * their hosts, `$l1` … the same for those that are there later), `$refused` is nobody, `$hole` takes no connection and refuses none.
   */
  readonly conf: string;
  readonly play: (scene: Scene) => Promise<void>;
  /** How many bytes went through before the end is the kernels' business. */
  readonly anyBytes?: boolean;
  /** How many other connections of the section are there is not settled at that moment. */
  readonly anyCounts?: boolean;
  /** On purpose not like haproxy: what differs is Tandem's, as it stands in a result (see stage.ts), and why. */
  readonly deviation?: {
    readonly log?: string | readonly string[];
    readonly told?: string;
    readonly why: string;
  };
}
