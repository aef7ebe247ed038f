"""What a stack's components stand on: the key of their data, and the libraries and network of their functions."""

from typing import NotRequired, TypedDict

import pulumi
from pulumi_aws import lambda_

from components.arguments import check_arguments
from components.function import RUNTIME
from components.key import Key
from components.network import Network
from components.platform import Platform, physical_name

LAYER = "build/layer"
"""`make layer` fills this folder; the embedded AWS has the libraries already and does not read it."""


class FoundationArgs(TypedDict):
    """What the stack's components are to share."""

    platform: Platform
    """What is known before anything is deployed."""
    customer_key: bool
    """Whether data is encrypted with a key of this stack's own."""
    private: NotRequired[bool]
    """Whether functions run in a network of this stack's own. Default: false."""


class Foundation(pulumi.ComponentResource):
    """Completes the platform with the functions' layer and, if the stack has them, a key and a network."""

    def __init__(
        self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
        check_arguments(name, args, FoundationArgs)
        super().__init__("ordermesh:index:Foundation", name, {**args}, opts)
        child = pulumi.ResourceOptions(parent=self)
        platform = args["platform"]

        layer = lambda_.LayerVersion(
            "libraries",
            layer_name=physical_name(platform, "libraries"),
            code=pulumi.FileArchive(LAYER),
            compatible_runtimes=[RUNTIME],
            compatible_architectures=["arm64"],
            opts=child,
        )
        self.platform: Platform = {**platform, "layers": [layer.arn]}
        if args["customer_key"]:
            self.platform["key_arn"] = Key("data", platform, child).key_arn
        if args.get("private"):
            # After the key, which its log is encrypted with.
            network = Network("network", {"platform": {**self.platform}}, child)
            self.platform["network"] = network.placement

        self.register_outputs({})
