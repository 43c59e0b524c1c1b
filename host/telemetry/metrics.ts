/**
 * Metrics in the text format of Prometheus. Nothing is counted here: values are read at the moment
 * of a scrape, from books that are exact. Labels have few values from closed lists.
 */
import { Counter, Gauge, Registry } from "prom-client";

/** One value; one for each value of the label; or none at present. */
export type Reading = number | Readonly<Record<string, number>> | undefined;

/** One metric and the way to its value. */
export interface MetricRow<R> {
  /** Name behind the prefix, with its unit: "spool_bytes". Counters end in _total. */
  readonly name: string;
  readonly help: string;
  /** Name of its label, if it has one. */
  readonly label?: string;
  readonly read: (readings: R) => Reading;
}

export class Metrics<R> {
  readonly #registry = new Registry();
  readonly #read: () => R | Promise<R>;
  #readings: R | undefined;

  /** `read` is called once for each scrape and must be quick. */
  constructor(prefix: string, rows: readonly MetricRow<R>[], read: () => R | Promise<R>) {
    this.#read = read;
    for (const row of rows) this.#register(prefix, row);
  }

  /** Media type of the text. */
  get contentType(): string {
    return this.#registry.contentType;
  }

  /** All metrics as they are now. */
  async text(): Promise<string> {
    this.#readings = await this.#read();
    return this.#registry.metrics();
  }

  #register(prefix: string, row: MetricRow<R>): void {
    const readings = () => this.#readings!;
    const options = {
      name: `${prefix}${row.name}`,
      help: row.help,
      labelNames: row.label === undefined ? [] : [row.label],
      registers: [this.#registry],
    };
    if (row.name.endsWith("_total")) {
      new Counter({
        ...options,
        collect() {
          this.reset();
          for (const [labels, value] of samples(row, readings())) this.inc(labels, value);
        },
      });
    } else {
      new Gauge({
        ...options,
        collect() {
          this.reset();
          // A gauge without a value says nothing rather than 0.
          if (row.label === undefined) this.remove();
          for (const [labels, value] of samples(row, readings())) this.set(labels, value);
        },
      });
    }
  }
}

function samples<R>(row: MetricRow<R>, readings: R): [Record<string, string>, number][] {
  const reading = row.read(readings);
  if (reading === undefined) return [];
  if (typeof reading === "number") return [[{}, reading]];
  return Object.entries(reading).map(([value, count]) => [{ [row.label!]: value }, count]);
}
