"""KMS: keys and their aliases."""

from local.resources.declaration import Aws, Declaration, Made


def key(aws: Aws, declared: Declaration) -> Made:
    # How long a deleted key can be recovered matters when it is deleted.
    _ = declared.get("deletionWindowInDays")
    found = aws("kms").create_key(
        Tags=declared.tags("TagKey", "TagValue"),
        **declared.renamed(KeySpec="customerMasterKeySpec"),
        **declared.capitalised("description", "keyUsage", "policy", "multiRegion"),
    )["KeyMetadata"]
    if declared.get("enableKeyRotation"):
        aws("kms").enable_key_rotation(KeyId=found["KeyId"])
    return Made(found["KeyId"], {"arn": found["Arn"], "keyId": found["KeyId"]})


def alias(aws: Aws, declared: Declaration) -> Made:
    name, target = declared.physical_name, declared["targetKeyId"]
    aws("kms").create_alias(AliasName=name, TargetKeyId=target)
    arn = f"arn:aws:kms:{aws('kms').meta.region_name}:000000000000:{name}"
    return Made(name, {"arn": arn, "name": name, "targetKeyArn": target})


TYPES = {"aws:kms/key:Key": key, "aws:kms/alias:Alias": alias}
