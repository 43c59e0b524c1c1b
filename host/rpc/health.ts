/** grpc.health.v1: tells whether services are up. */
import {
  type Health as HealthService,
  HealthCheckResponse_ServingStatus as S,
} from "../gen/grpc/health/v1/health_pb.ts";
import { notFound } from "./rpc-error.ts";
import type { ServiceHandlers } from "./types.ts";

/** The health of a server and its services. The server as a whole has the empty name. */
export class Health {
  readonly #serving = new Map<string, boolean>();
  readonly #watchers = new Set<() => void>();

  /** Sets the health of a service; watchers are told. */
  set(service: string, serving: boolean): void {
    this.#serving.set(service, serving);
    this.#wake();
  }

  /** Nothing is up any more. */
  stop(): void {
    for (const service of this.#serving.keys()) this.#serving.set(service, false);
    this.#wake();
  }

  /** The methods of the service. Watches hold one status each, never a queue. */
  readonly handlers: ServiceHandlers<typeof HealthService> = {
    check: async ({ service }) => {
      if (!this.#serving.has(service)) throw notFound("SERVICE_UNKNOWN", "service of that name");
      return { status: this.#statusOf(service) };
    },
    list: async () => ({
      statuses: Object.fromEntries(
        [...this.#serving.keys()].map((name) => [name, { status: this.#statusOf(name) }]),
      ),
    }),
    watch: ({ service }, { signal }) => this.#watch(service, signal),
  };

  #statusOf(service: string): S {
    const serving = this.#serving.get(service);
    if (serving === undefined) return S.SERVICE_UNKNOWN;
    return serving ? S.SERVING : S.NOT_SERVING;
  }

  #wake(): void {
    for (const wake of this.#watchers) wake();
  }

  async *#watch(service: string, signal: AbortSignal): AsyncGenerator<{ status: S }> {
    let wake = () => {};
    const watcher = () => wake();
    this.#watchers.add(watcher);
    signal.addEventListener("abort", watcher, { once: true });
    try {
      for (let last: S | undefined; ; ) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve;
        });
        const status = this.#statusOf(service);
        if (status !== last) yield { status };
        last = status;
        signal.throwIfAborted();
        if (this.#statusOf(service) === status) await changed;
      }
    } finally {
      this.#watchers.delete(watcher);
      signal.removeEventListener("abort", watcher);
    }
  }
}
