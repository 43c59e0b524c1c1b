/** Loaded before a service: holds canaries, and at SIGWINCH throws what FAULT names. */
const CANARY = ["CANARY-7f3a", "Wohnung", "Schmidt"].join("-");

// What a frame and a key would be: on the heap, outside of it, and in memory of WebAssembly.
globalThis.planted = [
  `${CANARY} text ${process.pid}`,
  Buffer.alloc(1 << 20, CANARY),
  new WebAssembly.Memory({ initial: 16 }),
];
new Uint8Array(globalThis.planted[2].buffer).set(Buffer.alloc(1 << 16, CANARY));

class CanarySchmidt extends Error {}
Object.defineProperty(CanarySchmidt, "name", { value: CANARY });

const FAULTS = {
  syntax: () => JSON.parse(`{"ssid": ${CANARY}}`),
  type: () => ({ [CANARY]: undefined })[CANARY].room,
  lines: () => {
    throw new Error(
      `first\n    at ${CANARY.replaceAll("-", "_")} (host/cli/main.js:1:1)\n    at x`,
    );
  },
  named: () => {
    throw new CanarySchmidt(CANARY);
  },
  cause: () => {
    throw new AggregateError([new Error(CANARY)], CANARY, { cause: new Error(CANARY) });
  },
  read: () => {
    const error = new RangeError(CANARY);
    String(error.stack);
    throw error;
  },
  text: () => {
    throw CANARY;
  },
  rejected: () => void Promise.reject(Object.assign(new Error(CANARY), { code: CANARY })),
  thing: () =>
    void Promise.reject({ toString: () => CANARY, name: CANARY, constructor: { name: CANARY } }),
  computed: () => {
    const room = { [CANARY.replaceAll("-", "_")]: () => decodeURIComponent("%") };
    room[CANARY.replaceAll("-", "_")]();
  },
  native: () => new WebAssembly.Module(Buffer.from(CANARY)),
  warning: () => {
    process.emitWarning(CANARY);
    throw new TypeError(CANARY);
  },
};

process.on("SIGWINCH", () => FAULTS[process.env.FAULT]());
