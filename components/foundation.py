"""What a stack's components stand on: the key of their data and the libraries of their functions."""

from typing import TypedDict

import pulumi
from pulumi_aws import lambda_

from components.function import RUNTIME
from components.key import Key
from components.platform import Platform, physical_name

LAYER = "build/layer"
"""`make layer` fills this folder; the embedded AWS has the libraries already and does not read it."""


class FoundationArgs(TypedDict):
    """What the stack's components are to share."""

    platform: Platform
    """What is known before anything is deployed."""
    customer_key: bool
    """Whether data is encrypted with a key of this stack's own."""


class Foundation(pulumi.ComponentResource):
    """Completes the platform with a key, if the stack has one, and the functions' layer."""

    def __init__(
        self, name: str, args: FoundationArgs, opts: pulumi.ResourceOptions | None = None
    ) -> None:
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

        self.register_outputs({})
