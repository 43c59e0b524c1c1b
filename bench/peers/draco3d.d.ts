/** The part of draco3d that the bench uses; the package has no types. */
declare module "draco3d" {
  interface Handle {
    readonly ptr: number;
  }
  interface PointCloud extends Handle {
    num_points(): number;
  }
  interface Int8Out extends Handle {
    GetValue(index: number): number;
    size(): number;
  }
  interface EncoderModule {
    readonly POSITION: number;
    readonly HEAP8: Int8Array;
    PointCloud: new () => PointCloud;
    PointCloudBuilder: new () => Handle & {
      AddInt32Attribute(
        cloud: PointCloud,
        type: number,
        points: number,
        components: number,
        values: Int32Array,
      ): number;
    };
    ExpertEncoder: new (
      cloud: PointCloud,
    ) => Handle & {
      SetEncodingMethod(method: number): void;
      SetSpeedOptions(encoding: number, decoding: number): void;
      EncodeToDracoBuffer(deduplicate: boolean, out: Int8Out): number;
    };
    DracoInt8Array: new () => Int8Out;
    destroy(handle: Handle): void;
  }
  interface Int32Out extends Handle {
    GetValue(index: number): number;
    size(): number;
  }
  interface DecoderModule {
    PointCloud: new () => PointCloud;
    DecoderBuffer: new () => Handle & { Init(data: Int8Array, bytes: number): void };
    Decoder: new () => Handle & {
      DecodeBufferToPointCloud(buffer: Handle, cloud: PointCloud): Handle & { ok(): boolean };
      GetAttribute(cloud: PointCloud, index: number): Handle;
      GetAttributeInt32ForAllPoints(cloud: PointCloud, attribute: Handle, out: Int32Out): boolean;
    };
    DracoInt32Array: new () => Int32Out;
    destroy(handle: Handle): void;
  }
  const draco3d: {
    createEncoderModule(options: object): Promise<EncoderModule>;
    createDecoderModule(options: object): Promise<DecoderModule>;
  };
  export default draco3d;
}
