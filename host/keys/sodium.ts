/**
 * libsodium for what handles secrets. Its wrappers copy what they are given to a heap of their own and
 * give the copies back as they are; here every block is zeroed before it is given back.
 */
import sodium from "libsodium-wrappers";

await sodium.ready;

/** What of its module the types leave out. */
interface Heap {
  /** Another array when the heap has grown. */
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(address: number): void;
}

function zeroWhatIsFreed(heap: Heap): void {
  const { _malloc, _free } = heap;
  const sizes = new Map<number, number>();
  heap._malloc = (bytes) => {
    const address = _malloc(bytes);
    if (address !== 0) sizes.set(address, bytes);
    return address;
  };
  heap._free = (address) => {
    heap.HEAPU8.fill(0, address, address + (sizes.get(address) ?? 0));
    sizes.delete(address);
    _free(address);
  };
}

zeroWhatIsFreed((sodium as unknown as { readonly libsodium: Heap }).libsodium);

export default sodium;
