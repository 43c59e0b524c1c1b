/**
 * The deepest stack of a program, from what GCC writes with -fcallgraph-info=su: a graph of calls with
 * the stack of each function. The core neither recurs nor sizes its stack at run time, so that the
 * longest path is an upper bound. Functions of the C library and of libgcc are not in the graph.
 */
export interface StackDepth {
  readonly bytes: number;
  /** Functions from the outermost call inwards. */
  readonly chain: readonly string[];
}

export interface StackUse {
  readonly deepest: StackDepth;
  /** The function that takes the most by itself. */
  readonly largest: StackDepth;
}

interface Node {
  readonly name: string;
  readonly bytes: number;
  readonly calls: string[];
}

/** What stands for a call by pointer; the guard calls the exports of the core so. */
const INDIRECT = "__indirect_call";

function readGraph(files: readonly string[]): Map<string, Node> {
  const nodes = new Map<string, Node>();
  for (const line of files.join("\n").split("\n")) {
    const node = /^node: \{ title: "([^"]+)" label: "([^"]+)"/.exec(line);
    if (node !== null) {
      // The lines of a label are parted by a backslash and an n.
      const [name, , stack] = node[2]!.split("\\n");
      const bytes = /^(\d+) bytes \((.+)\)$/.exec(stack ?? "");
      if (bytes === null) continue;
      // Bounded: arguments are pushed, and the number is the most there are at a time.
      if (!/^(?:static|dynamic,bounded)$/.test(bytes[2]!))
        throw new Error(`${name} sizes its stack at run time.`);
      nodes.set(node[1]!, { name: name!, bytes: Number(bytes[1]), calls: [] });
      continue;
    }
    const edge = /^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"/.exec(line);
    if (edge !== null) nodes.get(edge[1]!)?.calls.push(edge[2]!);
  }
  if (nodes.size === 0) throw new Error("GCC wrote no graph of calls.");
  return nodes;
}

/** What calls of the functions whose names begin with `prefix` take of the stack. */
export function stackUse(files: readonly string[], prefix: string): StackUse {
  const nodes = readGraph(files);
  const exported = [...nodes.keys()].filter((title) => title.startsWith("core_"));
  const known = new Map<string, StackDepth>();
  const under = new Set<string>();
  const depthOf = (title: string): StackDepth => {
    const done = known.get(title);
    if (done !== undefined) return done;
    const node = nodes.get(title);
    if (node === undefined) return { bytes: 0, chain: [] };
    if (under.has(title)) throw new Error(`${node.name} recurs.`);
    under.add(title);
    const targets = node.calls.flatMap((call) => (call === INDIRECT ? exported : [call]));
    const deepest = deepestOf(targets.map(depthOf));
    under.delete(title);
    const depth = { bytes: node.bytes + deepest.bytes, chain: [node.name, ...deepest.chain] };
    known.set(title, depth);
    return depth;
  };
  const entries = [...nodes.keys()].filter((title) => title.startsWith(prefix));
  const frames = [...nodes.values()].map(({ name, bytes }) => ({ bytes, chain: [name] }));
  return { deepest: deepestOf(entries.map(depthOf)), largest: deepestOf(frames) };
}

function deepestOf(depths: readonly StackDepth[]): StackDepth {
  return depths.reduce((most, one) => (one.bytes > most.bytes ? one : most), {
    bytes: 0,
    chain: [],
  });
}
