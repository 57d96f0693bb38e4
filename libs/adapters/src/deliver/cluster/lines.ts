/** etcd takes objects of 1.5 MiB by default; nothing that is a hundred times as long is an event. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;

/** Lines of a stream of bytes, without the line feed. What follows the last line feed is no line: it was cut. */
export async function* linesOf(stream: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    let from = 0;
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      const part = chunk.subarray(from, end);
      const line = parts.length === 0 ? part.toString('utf8') : Buffer.concat([...parts, part]).toString('utf8');
      parts = [];
      length = 0;
      from = end + 1;
      if (line !== '') yield line;
    }
    if (from === chunk.length) continue;
    parts.push(from === 0 ? chunk : chunk.subarray(from));
    length += chunk.length - from;
    if (length > MAX_LINE_BYTES) throw new Error(`a line of more than ${MAX_LINE_BYTES} bytes`);
  }
}
