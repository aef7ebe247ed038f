"""Identity providers: how their users assume roles, and by which condition keys a role tells them apart."""

OIDC, SAML = ":oidc-provider/", ":saml-provider/"
"""What the ARN of an identity provider has before its name; some of those on the web have a name only."""
MEANS = {OIDC: "sts:AssumeRoleWithWebIdentity", SAML: "sts:AssumeRoleWithSAML"}
"""For each kind of identity provider, the action by which its users assume a role."""
_POOLS = "cognito-identity"
"""How the identity pools of Cognito are called, in all partitions."""
_SUBJECTS = ("sub", "repository", "repository_id", "job_workflow_ref")
"""What says whom an identity provider has let in, and not only for what."""


def telling(provider: str) -> list[list[str]]:
    """The condition keys that tell some users of a provider from all others; of each list, one has to be asked for."""
    issuer = _issuer(provider)
    if OIDC in provider:
        # All users may share an audience.
        wanted = [_SUBJECTS]
    elif issuer.startswith(_POOLS):
        # A pool lets in guests as well, unless the role is for those who have logged in.
        wanted = [("aud", "sub"), ("amr", "sub")]
    else:
        # The audience is a login of one's own.
        wanted = [("aud", "sub")]
    return [[f"{issuer}:{claim}" for claim in claims] for claims in wanted]


def _issuer(provider: str) -> str:
    """How the keys of a provider begin: keys that begin otherwise are in no request of its users."""
    return "SAML" if SAML in provider else provider.rpartition(OIDC)[2]
