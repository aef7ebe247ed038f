"""The engine's side of a component plugin: starts it as the CLI does and answers what it registers."""

import selectors
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from google.protobuf.empty_pb2 import Empty
from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.struct_pb2 import Struct
from pulumi import Archive
from pulumi.runtime import MockResourceArgs, Mocks
from pulumi.runtime.proto import provider_pb2, resource_pb2
from pulumi.runtime.proto.engine_pb2_grpc import EngineServicer, add_EngineServicer_to_server
from pulumi.runtime.proto.provider_pb2_grpc import ResourceProviderStub
from pulumi.runtime.proto.resource_pb2_grpc import (
    ResourceMonitorServicer,
    add_ResourceMonitorServicer_to_server,
)
from pulumi.runtime.rpc import deserialize_properties

from local.program import ROOT
from tests.programs import Applied

START_SECONDS = 60
"""How long a plugin may take to say where it listens, on a machine that is busy."""


@dataclass
class Engine(ResourceMonitorServicer):
    """Has `cloud` make what is registered, and keeps what was asked for."""

    cloud: Mocks = field(default_factory=Applied)
    inputs: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    """Type token and logical name to the properties that were declared."""
    outputs: dict[str, dict[str, Any]] = field(default_factory=dict)
    """URN to what a component registered as its outputs."""

    def SupportsFeature(self, request: Any, context: Any) -> Any:  # noqa: N802 (the engine's name)
        return resource_pb2.SupportsFeatureResponse(
            hasSupport=request.id in {"secrets", "resourceReferences"}
        )

    def RegisterResource(self, request: Any, context: Any) -> Any:  # noqa: N802 (the engine's name)
        declared = deserialize_properties(request.object)
        self.inputs[request.type, request.name] = declared
        urn = f"urn:pulumi:test::video::{request.type}::{request.name}"
        if not request.custom:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        known = MockResourceArgs(
            request.type, request.name, declared, request.provider, request.importId, custom=True
        )
        found, state = self.cloud.new_resource(known)
        plain = {key: value for key, value in state.items() if not isinstance(value, Archive)}
        return resource_pb2.RegisterResourceResponse(
            urn=urn, id=found or "", object=ParseDict(plain, Struct())
        )

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:  # noqa: N802 (the engine's name)
        self.outputs[request.urn] = MessageToDict(request.outputs)
        return Empty()


class Log(EngineServicer):
    """Hears what a plugin logs; without it, every registration would fail."""

    def Log(self, request: Any, context: Any) -> Any:  # noqa: N802 (the engine's name)
        return Empty()


@contextmanager
def serving(add: Callable[[grpc.Server], object]) -> Iterator[str]:
    """The address of a server that `add` puts a service into, for as long as the context lasts."""
    server = grpc.server(futures.ThreadPoolExecutor(8))
    add(server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None)


@contextmanager
def plugin() -> Iterator[ResourceProviderStub]:
    """The plugin's process, started by its folder from somewhere else, for as long as the context lasts."""
    with serving(lambda server: add_EngineServicer_to_server(Log(), server)) as log:
        process = subprocess.Popen(
            [sys.executable, str(ROOT / "plugin"), log],
            cwd=ROOT.parent,
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            with grpc.insecure_channel(f"127.0.0.1:{_first_line(process)}") as channel:
                yield ResourceProviderStub(channel)
        finally:
            process.kill()
            process.communicate()


def _first_line(process: "subprocess.Popen[str]") -> str:
    assert process.stdout
    with selectors.DefaultSelector() as said:
        said.register(process.stdout, selectors.EVENT_READ)
        assert said.select(START_SECONDS), "the plugin says nothing"
    return process.stdout.readline().strip()


def construct(
    provider: ResourceProviderStub,
    component: str,
    name: str,
    inputs: dict[str, Any],
    *,
    dependencies: Mapping[str, Sequence[str]] | None = None,
    cloud: Mocks | None = None,
) -> tuple[Engine, dict[str, Any]]:
    """Have the plugin make a component, as for a program in any language; what it asked for, and its outputs.

    `dependencies` are, by input, the URNs of the resources that its value is made of. Without a `cloud`, nothing is made.
    """
    engine = Engine(cloud or Applied())
    with serving(lambda server: add_ResourceMonitorServicer_to_server(engine, server)) as address:
        made = provider.Construct(
            provider_pb2.ConstructRequest(
                project="video",
                stack="test",
                type=f"ordermesh:index:{component}",
                name=name,
                inputs=ParseDict(inputs, Struct()),
                inputDependencies={
                    key: provider_pb2.ConstructRequest.PropertyDependencies(urns=urns)
                    for key, urns in (dependencies or {}).items()
                },
                monitorEndpoint=address,
            )
        )
    return engine, MessageToDict(made.state)
