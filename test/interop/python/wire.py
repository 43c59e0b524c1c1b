"""Mapveil's wire contract for Python: messages and methods from descriptors, without generated code.

Everything here follows from proto/mapveil/v1 alone, as `buf build -o image.binpb` compiles it.
"""
import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

_pool = descriptor_pool.DescriptorPool()


def load(image_path):
    """Reads the compiled contract; call it once before anything else."""
    files = descriptor_pb2.FileDescriptorSet()
    with open(image_path, "rb") as file:
        files.ParseFromString(file.read())
    for file in files.file:
        _pool.Add(file)


def message(name):
    """Class of a message, such as message("mapveil.v1.Frame")."""
    factory = message_factory.MessageFactory(_pool)
    return factory.GetPrototype(_pool.FindMessageTypeByName(name))


def _service(name):
    return _pool.FindServiceByName(name)


def stub(channel, name):
    """A client of a service: its methods by name, as grpcio's generated stubs have them."""
    return type(name, (), {m.name: _call(channel, name, m) for m in _service(name).methods})


def _streams(method):
    proto = descriptor_pb2.MethodDescriptorProto()
    method.CopyToProto(proto)
    return proto.client_streaming, proto.server_streaming


def _call(channel, service, method):
    kinds = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }
    return staticmethod(
        kinds[_streams(method)](
            f"/{service}/{method.name}",
            request_serializer=lambda request: request.SerializeToString(),
            response_deserializer=message(method.output_type.full_name).FromString,
        )
    )


def handler(name, methods):
    """A server's handlers of a service from functions by method name; others are UNIMPLEMENTED."""
    kinds = {
        (False, False): grpc.unary_unary_rpc_method_handler,
        (False, True): grpc.unary_stream_rpc_method_handler,
        (True, False): grpc.stream_unary_rpc_method_handler,
        (True, True): grpc.stream_stream_rpc_method_handler,
    }
    handlers = {
        method.name: kinds[_streams(method)](
            methods[method.name],
            request_deserializer=message(method.input_type.full_name).FromString,
            response_serializer=lambda response: response.SerializeToString(),
        )
        for method in _service(name).methods
        if method.name in methods
    }
    return grpc.method_handlers_generic_handler(name, handlers)


def status_of(error):
    """(code, reason, metadata) of a failed call, out of google.rpc.Status in its trailers."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            return _parts(message("google.rpc.Status").FromString(value), error.code().name)
    return error.code().name, "", {}


def _parts(status, code):
    for detail in status.details:
        info = message("google.rpc.ErrorInfo")()
        if detail.Unpack(info):
            return code, info.reason, dict(info.metadata)
    return code, "", {}


def refusal_trailers(code, reason, text, metadata, retry_ms=None):
    """Trailers that carry google.rpc.Status with ErrorInfo, and RetryInfo if asked for."""
    status = message("google.rpc.Status")(code=code.value[0], message=text)
    info = message("google.rpc.ErrorInfo")(reason=reason, domain="mapveil", metadata=metadata)
    status.details.add().Pack(info)
    if retry_ms is not None:
        retry = message("google.rpc.RetryInfo")()
        retry.retry_delay.FromMilliseconds(retry_ms)
        status.details.add().Pack(retry)
    return (("grpc-status-details-bin", status.SerializeToString()),)
