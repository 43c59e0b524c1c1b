/** The way of a process on the robot to its sidecar. */
import { open } from "node:fs/promises";
import { MapveilError } from "../core/errors.ts";
import { ioError } from "../core/io-error.ts";
import { type ClientOptions, type Language, openChannel, type RpcChannel } from "../rpc/index.ts";

export interface SocketOptions {
  /** Path of the sidecar's unix socket. */
  readonly socketPath: string;
  /** Path of this client's token file. */
  readonly tokenPath: string;
  /** Language of texts; default English. */
  readonly language?: Language;
}

/** Bytes of a token file that are looked at. */
const TOKEN_BYTES_MAX = 1024;
/** Bytes of a message beside the points of its frame. */
const MESSAGE_OVERHEAD_BYTES = 256 * 1024;

/** The text of a token file. Throws MapveilError IO, CONFIG; never repeats any of it. */
async function readToken(path: string): Promise<string> {
  const buffer = Buffer.alloc(TOKEN_BYTES_MAX);
  const length = await open(path, "r")
    .then(async (file) => {
      const { bytesRead } = await file
        .read(buffer, 0, TOKEN_BYTES_MAX, 0)
        .finally(() => file.close());
      return bytesRead;
    })
    .catch((cause) => {
      throw ioError(cause, path, "read");
    });
  const token = buffer.toString("latin1", 0, length).trim();
  if (/^[\x21-\x7e]{1,256}$/.test(token)) return token;
  const message = `${path}: this is no token file. The sidecar makes them below its state_dir/clients.`;
  throw new MapveilError("CONFIG", message, { file: path });
}

/** A channel with the headers of every call. */
export interface Socket {
  readonly channel: RpcChannel;
  readonly options: ClientOptions;
}

/**
 * Reads the token and opens a channel, which connects with its first call.
 * @param frameBytes largest frame that will be sent
 * @throws MapveilError IO, CONFIG
 */
export async function openSocket(options: SocketOptions, frameBytes = 0): Promise<Socket> {
  const token = await readToken(options.tokenPath);
  const maxMessageBytes = Math.max(4 * 1024 * 1024, frameBytes + MESSAGE_OVERHEAD_BYTES);
  const channel = openChannel({ unixPath: options.socketPath, maxMessageBytes });
  const language = options.language === "zh" ? "zh-CN" : "en-US";
  const headers = { authorization: `Bearer ${token}`, "accept-language": language };
  return { channel, options: { headers } };
}
