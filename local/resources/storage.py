"""S3: buckets, how they keep what is in them, and where they log who asks for it."""

from local.resources.declaration import Aws, Declaration, Made, pascal, respelled

SPELLED = {"Id": "ID", "SseAlgorithm": "SSEAlgorithm", "KmsMasterKeyId": "KMSMasterKeyID"}


def bucket(aws: Aws, declared: Declaration) -> Made:
    # Whether a bucket may be deleted with all that it holds matters when it is deleted.
    _ = declared.get("forceDestroy")
    name = declared.get("bucket") or declared.name
    s3 = aws("s3")
    s3.create_bucket(Bucket=name)
    if tags := declared.tags():
        s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
    region = s3.meta.region_name
    return Made(
        name,
        {
            "arn": f"arn:aws:s3:::{name}",
            "bucket": name,
            "bucketDomainName": f"{name}.s3.amazonaws.com",
            "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        },
    )


def policy(aws: Aws, declared: Declaration) -> Made:
    aws("s3").put_bucket_policy(Bucket=declared["bucket"], Policy=declared["policy"])
    return Made(declared["bucket"], {})


def public_access_block(aws: Aws, declared: Declaration) -> Made:
    aws("s3").put_public_access_block(
        Bucket=declared["bucket"],
        PublicAccessBlockConfiguration=declared.capitalised(
            "blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"
        ),
    )
    return Made(declared["bucket"], {})


def versioning(aws: Aws, declared: Declaration) -> Made:
    aws("s3").put_bucket_versioning(
        Bucket=declared["bucket"],
        VersioningConfiguration=pascal(declared["versioningConfiguration"]),
    )
    return Made(declared["bucket"], {})


def encryption(aws: Aws, declared: Declaration) -> Made:
    rules = respelled(pascal(declared["rules"]), SPELLED)
    aws("s3").put_bucket_encryption(
        Bucket=declared["bucket"], ServerSideEncryptionConfiguration={"Rules": rules}
    )
    return Made(declared["bucket"], {})


def lifecycle(aws: Aws, declared: Declaration) -> Made:
    rules = respelled(pascal(declared["rules"]), SPELLED)
    aws("s3").put_bucket_lifecycle_configuration(
        Bucket=declared["bucket"], LifecycleConfiguration={"Rules": rules}
    )
    return Made(declared["bucket"], {})


def logging(aws: Aws, declared: Declaration) -> Made:
    aws("s3").put_bucket_logging(
        Bucket=declared["bucket"],
        BucketLoggingStatus={
            "LoggingEnabled": declared.capitalised("targetBucket", "targetPrefix")
        },
    )
    return Made(declared["bucket"], {})


TYPES = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketPolicy:BucketPolicy": policy,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": public_access_block,
    "aws:s3/bucketVersioning:BucketVersioning": versioning,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
    "aws:s3/bucketLogging:BucketLogging": logging,
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": lifecycle,
}
