/** The text format of Prometheus, read strictly. */

export function parseMetrics(text: string) {
  const values: Record<string, number> = {};
  const types: Record<string, string> = {};
  for (const line of text.split("\n")) {
    if (line === "" || /^# HELP [a-z_]+ .+/.test(line)) continue;
    const type = /^# TYPE ([a-z_]+) (counter|gauge)$/.exec(line);
    const sample = /^([a-z_]+(?:\{[a-z]+="[^"\\]+"\})?) (\S+)$/.exec(line);
    if (type !== null) types[type[1]!] = type[2]!;
    else if (sample !== null) values[sample[1]!] = Number(sample[2]);
    else throw new Error(`not a line of metrics: ${line}`);
  }
  return { values, types };
}
